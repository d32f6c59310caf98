import { expect, it } from "vitest";
import { lasting, newest, opposite, UNDO_MS, undoable } from "../../src/outbox/undo";
import { NOON } from "../builders";

const arrival = { type: "movement", pool: "halte.women", delta: 1 } as const;
const family = { type: "movement", pool: "halte.families", delta: -2 } as const;

it("is offered for ten seconds, and not a moment longer", () => {
  const offered = [undoable("a", arrival, NOON)];
  expect(lasting(offered, NOON + UNDO_MS - 1)).toBe(offered);
  expect(lasting(offered, NOON + UNDO_MS)).toEqual([]);
});

it("takes the last tap on a pool back first, then the one before", () => {
  const offered = [
    undoable("a", arrival, NOON),
    undoable("b", arrival, NOON + 1),
    undoable("c", family, NOON + 2),
  ];
  expect(newest(offered, "halte.women")?.id).toBe("b");
  expect(
    newest(
      offered.filter(({ id }) => id !== "b"),
      "halte.women",
    )?.id,
  ).toBe("a");
  expect(newest(offered, "halte.men")).toBeNull();
});

it("is the same movement the other way", () => {
  expect(opposite(undoable("a", family, NOON))).toEqual({ ...family, delta: 2 });
});
