import { describe, expect, it } from "vitest";
import { inOrder, placesFrom } from "../../src/board/order";
import type { Offer, Pool, Site } from "../../src/board/selection";
import { row } from "../builders";

const site = (id: string, more: Partial<Site> = {}): Site => ({
  id,
  name: id,
  kind: "night_halte",
  address: null,
  position: null,
  phone: null,
  opening_hours: null,
  pools: [],
  ...more,
});
const pool = (id: string): Pool => ({ id, unit: "place", sleeps: null, audience: "women", traits: [] });
const ids = (places: ReadonlyMap<string, unknown>) => [...places.keys()];

describe("the order of a street's list", () => {
  it("goes by arrondissement and then by name for a team that is nowhere", () => {
    const places = placesFrom(null, [
      site("a", { name: "Halte 10", address: "1 rue X, 75012 Paris" }),
      site("b", { name: "halte 9", address: "1 rue X, 75012 Paris" }),
      site("c", { name: "Écluse", address: "1 rue X, 75012 Paris" }),
      site("d", { name: "Zèbre", address: "1 rue X, 75002 Paris" }),
      site("e", { name: "Ailleurs" }),
    ]);
    expect(ids(places)).toEqual(["d", "c", "b", "a", "e"]);
    expect(places.get("a")?.metres).toBeNull();
  });

  it("goes by distance for one that is somewhere, and tells it only of sites that are", () => {
    const here = { lat: 48.85, lon: 2.35 };
    const places = placesFrom(here, [
      site("nowhere"),
      site("far", { position: { lat: 48.9, lon: 2.35 } }),
      site("quarter", { address: "1 rue X, 75004 Paris" }),
      site("here", { position: here }),
    ]);
    expect(ids(places)).toEqual(["here", "quarter", "far", "nowhere"]);
    expect(places.get("here")?.metres).toBe(0);
    expect(places.get("quarter")?.metres).toBeNull();
  });

  it("keeps the pools of a site together, whatever order they came in", () => {
    const of = (site_id: string, id: string): Offer => ({
      row: row({ pool: id, site: site_id }),
      pool: pool(id),
      site: site(site_id),
      need: "sleep",
    });
    const offers = [of("b", "b.men"), of("a", "a.women"), of("b", "b.couples"), of("a", "a.men")];
    const places = placesFrom(null, [site("b"), site("a")]);
    expect(inOrder(offers, places).map(({ pool }) => pool.id)).toEqual([
      "a.men",
      "a.women",
      "b.couples",
      "b.men",
    ]);
  });
});
