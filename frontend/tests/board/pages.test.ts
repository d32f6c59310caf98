import { describe, expect, it } from "vitest";
import { differences } from "../../src/board/differences";
import { orderAfterTurn, pagesOf, steadyOrder } from "../../src/board/pages";
import { row } from "../builders";

describe("pages of a wall", () => {
  it("hold all items in order, and are never none", () => {
    expect(pagesOf([1, 2, 3], 2, 9)).toEqual([[1, 2], [3]]);
    expect(pagesOf([], 2, 9)).toEqual([[]]);
    expect(pagesOf([1, 2, 3, 4, 5], 2, 2)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("keep the order being read and put newcomers after it", () => {
    expect(steadyOrder(["c", "a"], ["new", "a", "newer", "c"], (id) => id)).toEqual([
      "c",
      "a",
      "new",
      "newer",
    ]);
  });
});

describe("the turn of a page", () => {
  it("leaves out what filled up meanwhile, but only on the pages still to come", () => {
    const full = new Set(["a", "d"]);
    const hasRoom = (id: string) => !full.has(id);
    expect(orderAfterTurn(["a", "b", "c", "d", "e"], 2, hasRoom, (id) => id)).toEqual(["a", "b", "c", "e"]);
  });
});

describe("differences between two looks", () => {
  it("name what another person changed, and not the age", () => {
    expect(differences(row(), row({ seq: 9, observed_ms: 5, occupied: 38, free: 1 }))).toEqual([
      { field: "occupied", before: 36, after: 38 },
    ]);
    expect(differences(row(), row({ seq: 9 }))).toEqual([]);
  });
});
