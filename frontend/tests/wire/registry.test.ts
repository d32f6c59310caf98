import { describe, expect, it } from "vitest";
import { parseSites, parseTerritories } from "../../src/wire/registry";

const SITE = {
  id: "halte",
  name: "Halte",
  kind: "women_halte",
  visibility: "public",
  address: "75004 Paris",
  phone: null,
  opening_hours: "24/7",
  pools: [
    { id: "halte.women", unit: "place", sleeps: null, audience: "women", traits: ["pets"], capacity: 39 },
  ],
};

describe("sites", () => {
  it("are read with their pools", () => {
    const sites = parseSites({ sites: [SITE] });
    expect(sites.kind === "ok" && sites.value.sites.get("halte")?.pools[0]?.audience).toBe("women");
  });

  it("of a kind that this page does not know are left out and counted", () => {
    const sites = parseSites({ sites: [SITE, { ...SITE, id: "boat", kind: "boat" }] });
    expect(sites.kind === "ok" && [sites.value.sites.size, sites.value.unread]).toEqual([1, 1]);
  });

  it("are refused when the answer is something else", () => {
    expect(parseSites({ error: "no" }).kind).toBe("malformed");
    expect(parseSites(null).kind).toBe("malformed");
  });
});

describe("territories", () => {
  it("are read, and named by their id where they have no name", () => {
    expect(parseTerritories({ territories: [{ id: "75", name: "Paris" }, { id: "93" }] })).toEqual({
      kind: "ok",
      value: [
        { id: "75", name: "Paris" },
        { id: "93", name: "93" },
      ],
    });
  });
});
