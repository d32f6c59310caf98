import { describe, expect, it } from "vitest";
import golden from "../../../tests/golden/merge.json";
import {
  type Board,
  type BoardMessage,
  hasMissed,
  merge,
  type Stamped,
  type Tombstone,
} from "../../src/board/board";

interface WireRow extends Stamped {
  readonly free?: number;
}

const boardOf = (value: { epoch: string; seq: number; rows: WireRow[] }): Board<WireRow> => ({
  epoch: value.epoch,
  seq: value.seq,
  rows: new Map(value.rows.map((row) => [row.pool, row])),
});

describe("the one reader rule", () => {
  for (const one of golden.cases) {
    it(one.name, () => {
      const board = one.board === null ? null : boardOf(one.board);
      const message: BoardMessage<WireRow> = {
        ...one.message,
        server_ms: 0,
        rows: one.message.rows as (WireRow | Tombstone)[],
      };
      expect(hasMissed(board, message) ? "missed" : "taken").toBe(one.outcome);
      if (one.board_after !== undefined) expect(merge(board, message)).toEqual(boardOf(one.board_after));
    });
  }

  it("leaves the board it was given as it was", () => {
    const board = boardOf({ epoch: "e1", seq: 1, rows: [{ pool: "a", seq: 1, free: 2 }] });
    merge(board, {
      epoch: "e1",
      since: 1,
      seq: 2,
      server_ms: 0,
      complete: false,
      rows: [{ pool: "a", seq: 2, free: 1 }],
    });
    expect(board.rows.get("a")).toEqual({ pool: "a", seq: 1, free: 2 });
  });

  it("returns the very same board for a heartbeat, so that nothing repaints", () => {
    const board = boardOf({ epoch: "e1", seq: 5, rows: [{ pool: "a", seq: 1 }] });
    expect(merge(board, { epoch: "e1", since: 5, seq: 5, server_ms: 0, complete: false, rows: [] })).toBe(
      board,
    );
  });
});
