import { expect, it } from "vitest";
import { type Held, isWaiting, settle } from "../../src/components/regulation/steady.svelte";

const items = (ids: string) => [...ids].map((id) => ({ id }));
const held = (ids: string): Held<{ id: string }>[] => items(ids).map((item) => ({ item, isOver: false }));
const told = (rows: readonly Held<{ id: string }>[]) =>
  rows.map(({ item, isOver }) => (isOver ? `(${item.id})` : item.id)).join("");
const after = (shown: string, natural: string, watched: string) =>
  told(settle(held(shown), items(natural), new Set(watched)));

it("stands as it would while nobody looks at it", () => {
  expect(after("abc", "xcba", "")).toBe("xcba");
});

it("puts what is new below the row that is looked at, and leaves what ended above it in its place", () => {
  expect(after("abc", "xbc", "b")).toBe("(a)bxc");
  expect(after("abcd", "xdb", "b")).toBe("(a)bxd");
});

it("holds the lower of two rows, of the pointer and of the focus", () => {
  expect(after("abcd", "dcba", "ac")).toBe("abcd");
});

it("lets a row go that ended under the pointer", () => {
  expect(after("abc", "ca", "b")).toBe("ca");
});

it("brings the newest facts of a row that stays where it is", () => {
  const [row] = settle([{ item: { id: "a", seq: 1 }, isOver: false }], [{ id: "a", seq: 2 }], new Set("a"));
  expect(row?.item.seq).toBe(2);
});

it("says that another order waits", () => {
  expect(isWaiting(held("ab"), items("ba"))).toBe(true);
  expect(isWaiting(held("ab"), items("ab"))).toBe(false);
});
