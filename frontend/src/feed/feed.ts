/**
 * The feed of one territory: keeps a board current, and says at once when it cannot.
 *
 * Resumes by `(epoch, seq)`; a message that shows a gap makes it reconnect with its own position (law 8).
 * The page sends nothing: the server's heartbeat is the only sign of life.
 */

import { type Board, type BoardMessage, hasMissed, merge, type Position } from "../board/board";
import { parseBoardMessage } from "../wire/board";
import { type Clock, type Waits, waitBefore } from "./waits";

/** `silent`: the connection stands but nothing came for 10 s. `lost`: there is no connection. */
export type FeedState = "connecting" | "live" | "silent" | "lost";

/** An open or opening connection; `close` never calls back. */
export interface Connection {
  close(): void;
}

export interface ConnectionListener {
  onMessage(data: unknown): void;
  /** `again_ms` is when to come again, where the server said so. */
  onClose(again_ms: number | null): void;
}

export interface FeedTools {
  /** Connects at the position that the reader holds; null for none. */
  open(position: Position | null, listener: ConnectionListener): Connection;
  readonly clock: Clock;
  random(): number;
}

export interface FeedListener {
  onBoard(board: Board, message: BoardMessage): void;
  onState(state: FeedState): void;
}

export interface Feed {
  /** Connects now instead of at the end of the wait; for "online" and a page that is shown again. */
  wake(): void;
  /** The device says that it has no network: the connection is not believed any more, and tried anew. */
  doubt(): void;
  stop(): void;
}

export const SILENT_MS = 10_000;
/** A connection that said nothing for this long is dead whatever the socket believes. */
export const DEAD_MS = 20_000;
const RETRY: Waits = { first_ms: 500, most_ms: 10_000 };

export function follow(tools: FeedTools, listener: FeedListener, start: Board | null = null): Feed {
  let board = start;
  let state: FeedState = "connecting";
  let connection: Connection | null = null;
  let attempt = 0;
  let heard_ms = tools.clock.now();
  let undoTimer = () => {};

  function become(next: FeedState): void {
    if (next === state) return;
    state = next;
    listener.onState(state);
  }

  function connect(): void {
    undoTimer();
    listen(DEAD_MS);
    connection = tools.open(board === null ? null : { epoch: board.epoch, seq: board.seq }, {
      onMessage: take,
      onClose: drop,
    });
  }

  function disconnect(): void {
    connection?.close();
    connection = null;
  }

  /** One timer: first towards silence, then towards giving the connection up. */
  function listen(dead_ms: number): void {
    undoTimer();
    undoTimer = tools.clock.after(Math.min(SILENT_MS, dead_ms), () => {
      if (dead_ms <= SILENT_MS) return drop();
      if (state === "live") become("silent");
      listen(dead_ms - SILENT_MS);
    });
  }

  function take(data: unknown): void {
    const message = parseBoardMessage(data);
    if (message.kind === "malformed" || hasMissed(board, message.value)) return drop();
    board = merge(board, message.value);
    attempt = 0;
    heard_ms = tools.clock.now();
    listener.onBoard(board, message.value);
    become("live");
    listen(DEAD_MS);
  }

  /** Lets the connection go and tries again later, with the position held. */
  function drop(again_ms: number | null = null): void {
    undoTimer();
    disconnect();
    become("lost");
    undoTimer = tools.clock.after(again_ms ?? waitBefore(attempt, RETRY, tools.random), connect);
    attempt += 1;
  }

  function wake(): void {
    const isWaiting = connection === null;
    const isDoubtful = tools.clock.now() - heard_ms > SILENT_MS && state !== "connecting";
    if (!isWaiting && !isDoubtful) return;
    disconnect();
    attempt = 0;
    connect();
  }

  function doubt(): void {
    if (connection !== null) drop();
  }

  function stop(): void {
    undoTimer();
    disconnect();
  }

  connect();
  return { wake, doubt, stop };
}
