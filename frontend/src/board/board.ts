/** The board as a value, and the one reader rule (law 8) as a pure function. */

import type { Status } from "../vocabulary/terms";

export type PoolId = string;

export interface Contingent {
  readonly channel: string;
  readonly places: number;
  /** How many of these places its channel holds already. */
  readonly held: number;
  readonly until_ms: number | null;
}

/** The live row of one pool. The last five numbers are the server's: nothing here is computed on the device. */
export interface Row {
  readonly pool: PoolId;
  readonly site: string;
  readonly seq: number;
  readonly status: Status;
  readonly capacity: number;
  readonly extra: number;
  readonly out_of_service: number;
  readonly occupied: number;
  readonly held: number;
  readonly free: number;
  readonly over: number;
  readonly observed_ms: number | null;
  readonly fresh_for: number;
  readonly contingents: readonly Contingent[];
}

export interface Tombstone {
  readonly pool: PoolId;
  readonly seq: number;
  readonly gone: true;
}

export type Stamped = { readonly pool: PoolId; readonly seq: number };

export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export interface Board<R extends Stamped = Row> extends Position {
  readonly rows: ReadonlyMap<PoolId, R>;
}

export interface BoardMessage<R extends Stamped = Row> {
  readonly epoch: string;
  readonly since: number | null;
  readonly seq: number;
  readonly server_ms: number;
  readonly complete: boolean;
  readonly rows: readonly (R | Tombstone)[];
}

/** A reader that is behind the message's `since`, or of another epoch, has missed something: it reconnects. */
export function hasMissed<R extends Stamped>(board: Board<R> | null, message: BoardMessage<R>): boolean {
  if (message.complete) return false;
  if (board === null || board.epoch !== message.epoch) return true;
  return message.since === null || message.since > board.seq;
}

/**
 * The board after a message that the reader has not missed anything before (`hasMissed` is asked first).
 * A message that says nothing newer leaves the very same board, so that nothing repaints.
 */
export function merge<R extends Stamped>(board: Board<R> | null, message: BoardMessage<R>): Board<R> {
  if (board !== null && !message.complete && message.seq <= board.seq) return board;
  const known = message.complete ? null : board;
  if (known !== null && message.rows.length === 0) return { ...known, seq: message.seq };
  const rows = new Map<PoolId, R>(known?.rows);
  for (const row of message.rows) {
    const before = rows.get(row.pool);
    if (before !== undefined && before.seq > row.seq) continue;
    if ("gone" in row) rows.delete(row.pool);
    else rows.set(row.pool, row);
  }
  return { epoch: message.epoch, seq: message.seq, rows };
}
