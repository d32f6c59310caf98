import { describe, expect, it } from "vitest";
import type { Row } from "../../src/board/board";
import { changesBetween, differing, NEWS_MOST, NEWS_MS, newsWith } from "../../src/board/news";
import { NOON, row } from "../builders";

const rows = (...some: Partial<Row>[]) => new Map(some.map((one) => row(one)).map((one) => [one.pool, one]));

describe("what changed", () => {
  it("is the difference in free places, pool by pool, and nothing of a pool that is new or gone", () => {
    const before = rows({ pool: "a", free: 1 }, { pool: "b", free: 2 }, { pool: "gone", free: 4 });
    const after = rows({ pool: "a", free: 3 }, { pool: "b", free: 2, seq: 9 }, { pool: "new", free: 5 });
    expect(changesBetween(before, after, NOON)).toEqual([{ pool: "a", at_ms: NOON, delta: 2 }]);
  });

  it("is told once a pool, newest first, and not at all when places came and went again", () => {
    const first = newsWith(
      [],
      [
        { pool: "a", at_ms: NOON, delta: 2 },
        { pool: "b", at_ms: NOON, delta: -1 },
      ],
      NOON,
    );
    const then = newsWith(
      first,
      [
        { pool: "a", at_ms: NOON + 5, delta: 1 },
        { pool: "b", at_ms: NOON + 5, delta: 1 },
      ],
      NOON + 5,
    );
    expect(then).toEqual([{ pool: "a", at_ms: NOON + 5, delta: 3 }]);
  });

  it("is forgotten after some minutes, and never grows beyond its bound", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ pool: `p${index}`, at_ms: NOON, delta: 1 }));
    expect(newsWith([], many, NOON)).toHaveLength(NEWS_MOST);
    expect(newsWith(many, [], NOON + NEWS_MS)).toEqual([]);
  });

  it("is counted behind a stopped picture: changed, new and gone", () => {
    const shown = rows({ pool: "a", seq: 1 }, { pool: "b", seq: 1 }, { pool: "gone", seq: 1 });
    expect(
      differing(shown, rows({ pool: "a", seq: 2 }, { pool: "b", seq: 1 }, { pool: "new", seq: 3 })),
    ).toBe(3);
    expect(differing(shown, shown)).toBe(0);
  });
});
