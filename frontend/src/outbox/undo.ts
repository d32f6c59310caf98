/**
 * Ten seconds to take a movement back, instead of a question before it.
 *
 * The movement goes at once, so that the wall knows at once. What has not left the device is simply taken away; else
 * its opposite is told of the very same moment: a count in between has both behind it, and any order of delivery ends
 * in the number from before the tap (law 2).
 */

import type { Statement } from "../wire/reports";

export const UNDO_MS = 10_000;

export type Movement = Extract<Statement, { type: "movement" }>;

export interface Undoable {
  /** Of the report that can be taken back. */
  readonly id: string;
  readonly movement: Movement;
  readonly tapped_ms: number;
  /** When the offer ends; it does not while somebody is at its button. */
  readonly lapses_ms: number;
}

export function undoable(id: string, movement: Movement, tapped_ms: number): Undoable {
  return { id, movement, tapped_ms, lapses_ms: tapped_ms + UNDO_MS };
}

export const opposite = ({ movement }: Undoable): Movement => ({ ...movement, delta: -movement.delta });

/** Those still offered, oldest first. */
export function lasting(offered: readonly Undoable[], now_ms: number): readonly Undoable[] {
  return offered.every(({ lapses_ms }) => lapses_ms > now_ms)
    ? offered
    : offered.filter(({ lapses_ms }) => lapses_ms > now_ms);
}

/** The last tap on a pool goes first: that is the one whose slip has just been seen. */
export function newest(offered: readonly Undoable[], pool: string): Undoable | null {
  return offered.findLast(({ movement }) => movement.pool === pool) ?? null;
}
