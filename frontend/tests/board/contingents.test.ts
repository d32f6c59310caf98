import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/contingents.json";
import { freeFor } from "../../src/board/contingents";

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
