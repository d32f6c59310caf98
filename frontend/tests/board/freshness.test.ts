import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/freshness.json";
import { freshness, isTrusted } from "../../src/board/freshness";

describe("freshness, law 7", () => {
  for (const { name, now, observed_at, fresh_for, freshness: expected } of golden.cases) {
    it(name, () => {
      const observed_ms = observed_at === null ? null : Date.parse(observed_at);
      expect(freshness({ observed_ms, fresh_for }, Date.parse(now))).toBe(expected);
    });
  }

  it("trusts neither an unknown nor a stale figure", () => {
    expect((["unknown", "fresh", "ageing", "stale"] as const).filter(isTrusted)).toEqual(["fresh", "ageing"]);
  });
});
