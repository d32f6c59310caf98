import { describe, expect, it } from "vitest";
import type { Offer } from "../../src/board/selection";
import { claimOfTile, GRID, hasTiles, tilesOf } from "../../src/board/tiles";
import { NOON, row } from "../builders";

function offer(
  postcode: string,
  changes: Partial<Offer["row"]> = {},
  unit: Offer["pool"]["unit"] = "place",
  site_id = "halte",
): Offer {
  const pool = { id: "halte.women", unit, sleeps: null, audience: "women", traits: [] } as const;
  const site = {
    id: site_id,
    name: "Halte",
    kind: "women_halte",
    address: `1 rue, ${postcode} Paris`,
    position: null,
    phone: null,
    opening_hours: null,
    pools: [pool],
  } as const;
  return { row: row({ free: 3, ...changes }), pool, site, need: "sleep" };
}
const tile = (offers: readonly Offer[], arrondissement: number) => {
  const found = tilesOf(offers, NOON)[arrondissement - 1];
  if (found === undefined) throw new Error("no such tile");
  return found;
};

describe("the map of tiles", () => {
  it("gives every arrondissement a place of its own, inside its grid", () => {
    expect(new Set(GRID.map(String)).size).toBe(20);
    const cells = GRID.flatMap(([column, line]) => [`${column} ${line}`, `${column + 1} ${line}`]);
    expect(new Set(cells).size).toBe(40);
    expect(GRID.every(([column, line]) => column >= 1 && column <= 9 && line >= 1 && line <= 5)).toBe(true);
  });

  it("keeps rooms apart from places for one person, which are one sum", () => {
    const found = tile(
      [offer("75004"), offer("75004", { free: 2 }, "bed"), offer("75004", { free: 5 }, "room")],
      4,
    );
    expect([found.free, found.rooms]).toEqual([5, 5]);
    expect(claimOfTile(found)).toBe("free");
  });

  it("says that a tile with old figures only is to be confirmed, never that it is free", () => {
    const found = tile([offer("75012", { observed_ms: null })], 12);
    expect([found.free, claimOfTile(found)]).toEqual([0, "confirm"]);
  });

  it("tells full from empty, and counts nothing that takes nobody", () => {
    expect(claimOfTile(tile([offer("75001", { free: 0 })], 1))).toBe("full");
    expect(claimOfTile(tile([offer("75001", { status: "closed" })], 1))).toBe("none");
  });

  it("shows a protected site in no tile, whether its name is veiled or told", () => {
    const veiled = offer("75011", {}, "place", "protege-abc");
    const told = offer("75011");
    const hidden: Offer = { ...told, site: { ...told.site, isProtected: true } };
    expect(tile([veiled, hidden], 11).pools).toBe(0);
    expect(hasTiles([veiled, hidden])).toBe(false);
  });

  it("is not drawn where nothing has an arrondissement", () => {
    expect(hasTiles([offer("59000")])).toBe(false);
    expect(hasTiles([offer("75020")])).toBe(true);
  });
});
