import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/contingents.json";
import { asSeenBy, freeFor } from "../../src/board/contingents";
import { NOON, row } from "../builders";

describe("free for a channel", () => {
  for (const { name, free, contingents, channel, at, expect: expected } of golden.cases) {
    it(name, () => {
      const kept = contingents.map((one) => ({
        channel: one.channel,
        places: one.places,
        held: one.held ?? 0,
        until_ms: Date.parse(one.until),
      }));
      expect(freeFor(channel, { free, contingents: kept }, Date.parse(at))).toBe(expected);
    });
  }
});

describe("a row as a channel sees it", () => {
  const kept = { channel: "115", places: 2, held: 0, until_ms: NOON + 1 };

  it("has only what that channel may promise as free", () => {
    expect(asSeenBy("maraude", row({ contingents: [kept] }), NOON)).toEqual(
      row({ free: 1, contingents: [kept] }),
    );
  });

  it("is the very same row where nothing is kept from it, so that nothing repaints", () => {
    const mine = row({ contingents: [kept] });
    expect(asSeenBy("115", mine, NOON)).toBe(mine);
  });
});
