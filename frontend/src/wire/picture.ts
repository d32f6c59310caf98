/** The last picture as it is kept on the device: the wire's own shape, so that it is read with the same distrust. */

import type { Board, Row } from "../board/board";

export function pictureOf(board: Board, server_ms: number): string {
  return JSON.stringify({
    epoch: board.epoch,
    since: null,
    seq: board.seq,
    server_time: new Date(server_ms).toISOString(),
    complete: true,
    rows: [...board.rows.values()].map(wireRow),
  });
}

function wireRow({ observed_ms, contingents, ...row }: Row): object {
  return {
    ...row,
    observed_at: timeOrNull(observed_ms),
    contingents: contingents.map(({ until_ms, ...one }) => ({ ...one, until: timeOrNull(until_ms) })),
  };
}

const timeOrNull = (at_ms: number | null): string | null =>
  at_ms === null ? null : new Date(at_ms).toISOString();
