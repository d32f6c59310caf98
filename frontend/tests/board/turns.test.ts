import { describe, expect, it } from "vitest";
import { freeFor } from "../../src/board/contingents";
import { freshness } from "../../src/board/freshness";
import { nextTurn, seenAt, steadily } from "../../src/board/turns";
import { ago } from "../../src/vocabulary/moments";
import { NOON, row } from "../builders";

const MINUTE = 60_000;
/** Numbers that look like chance and are the same in each run. */
function chance(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % most;
  };
}

describe("what is shown of a row", () => {
  it("says at each second what would be said anew at that second", () => {
    const random = chance(7);
    for (let round = 0; round < 40; round += 1) {
      const observed_ms = round % 10 === 0 ? null : NOON - random(5 * 3_600_000);
      const contingents = [
        { channel: "115", places: 2, held: 0, until_ms: NOON + random(30 * MINUTE) },
        { channel: "site", places: 1, held: 0, until_ms: null },
      ];
      const one = row({ observed_ms, fresh_for: 61 + random(7_000), free: 5, contingents });
      const said = (at_ms: number) => [
        observed_ms === null ? "" : ago(at_ms - observed_ms),
        freshness(one, at_ms),
        freeFor("maraude", one, at_ms),
      ];
      for (let now_ms = NOON; now_ms < NOON + 20 * MINUTE; now_ms += 1_000) {
        const seen = seenAt(one, now_ms, (after_ms) => nextTurn(one, after_ms));
        if (seen.now_ms !== now_ms) expect(said(seen.now_ms).join()).toBe(said(now_ms).join());
      }
    }
  });

  it("is touched once a minute, and not at each second", () => {
    const one = row({ observed_ms: NOON - 90_000 });
    const seen = new Set<unknown>();
    for (let now_ms = NOON; now_ms < NOON + 10 * MINUTE; now_ms += 1_000)
      seen.add(seenAt(one, now_ms, (after_ms) => nextTurn(one, after_ms)));
    expect(seen.size).toBe(11);
  });

  it("is looked at anew when the clock was set back", () => {
    const one = row({ observed_ms: NOON });
    const next = (after_ms: number) => nextTurn(one, after_ms);
    seenAt(one, NOON + 5 * MINUTE, next);
    expect(seenAt(one, NOON + 30_000, next).now_ms).toBe(NOON + 30_000);
  });

  it("never turns where nobody has reported and nothing is kept", () => {
    expect(nextTurn(row({ observed_ms: null }), NOON)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a steady list", () => {
  it("is the very same one until something in it is another", () => {
    const same = steadily<object>();
    const [one, other] = [{}, {}];
    const first = same([one, other]);
    expect(same([one, other])).toBe(first);
    expect(same([other, one])).not.toBe(first);
    expect(same([other])).toEqual([other]);
  });
});
