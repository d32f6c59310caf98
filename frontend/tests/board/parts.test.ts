import { expect, it } from "vitest";
import { isVeiled, type Offer, partsOf, totalsOf } from "../../src/board/selection";
import type { Audience, Unit } from "../../src/vocabulary/terms";
import { NOON, row } from "../builders";

function offer(
  pool: string,
  free: number,
  changes: { unit?: Unit; audience?: Audience; age_h?: number } = {},
): Offer {
  const { unit = "place", audience = "women", age_h = 0 } = changes;
  return {
    row: row({ pool, free, occupied: 39 - free, observed_ms: NOON - age_h * 3_600_000 }),
    pool: { id: pool, unit, sleeps: null, audience, traits: [] },
    site: {
      id: pool,
      name: pool,
      kind: "shelter",
      address: null,
      phone: null,
      position: null,
      opening_hours: null,
      pools: [],
    },
    need: "sleep",
  };
}

it("gives the pools that sum exactly to every total of the wall", () => {
  const offers = [
    offer("a", 3),
    offer("b", 5),
    offer("full", 0),
    offer("old", 7, { age_h: 12 }),
    offer("bed", 2, { unit: "bed" }),
    offer("men", 4, { audience: "men" }),
  ];
  for (const [audience, units] of totalsOf(offers, NOON)) {
    for (const { unit, free, unconfirmed } of units) {
      const parts = partsOf(offers, audience, unit, NOON);
      expect(parts.counted.reduce((sum, one) => sum + one.row.free, 0)).toBe(free);
      expect(parts.unconfirmed).toHaveLength(unconfirmed);
    }
  }
  const { counted, full } = partsOf(offers, "women", "place", NOON);
  expect(counted.map((one) => one.row.pool)).toEqual(["b", "a"]);
  expect(full).toBe(1);
});

it("knows a site that is not told which one it is", () => {
  expect([isVeiled("protege-k3j9"), isVeiled("halte-1")]).toEqual([true, false]);
});
