/** The outbox as a value: what waits, what was refused, and what an answer changes. No I/O. */

import type { Row } from "../board/board";
import type { Problem } from "../wire/problems";
import type { Outcome, Report, Statement } from "../wire/reports";

/** `conflict`: the row had changed under a confirmation; a person looks again. */
export type EntryState = "waiting" | "refused" | "conflict";

export interface Entry {
  /** The command id: it stays the same through every resend, so that the server takes it once. */
  readonly id: string;
  readonly territory: string;
  readonly site: string;
  readonly statement: Statement;
  /** The moment of the tap by the device's clock. */
  readonly tapped_ms: number;
  readonly state: EntryState;
  /** It has left this device at least once: the server may have it, whatever became of the answer. */
  readonly isTried: boolean;
  readonly problem: Problem | null;
  /** The row that the person had before their eyes, and the one that came back with a conflict. */
  readonly seen: Row | null;
  readonly row: Row | null;
}

export const ROW_CHANGED = "/problems/row-changed";
/** One batch is on its way at a time; small, so that a poor connection finishes some of them. */
export const BATCH_MOST = 50;

/** What a person says at a tap, and where. */
export interface Saying {
  readonly territory: string;
  readonly site: string;
  readonly statement: Statement;
  readonly seen: Row | null;
}

export function newEntry(id: string, saying: Saying, tapped_ms: number): Entry {
  return { ...saying, id, tapped_ms, state: "waiting", isTried: false, problem: null, row: null };
}

export function reportOf(entry: Entry): Report {
  return { ...entry.statement, id: entry.id, observed_at: new Date(entry.tapped_ms).toISOString() };
}

/** The oldest that wait, in the order of their taps, of one territory: what is sent next. */
export function nextBatch(entries: readonly Entry[], most: number = BATCH_MOST): readonly Entry[] {
  const waiting = entries
    .filter(({ state }) => state === "waiting")
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  return waiting.filter(({ territory }) => territory === waiting[0]?.territory).slice(0, most);
}

export const tried = (entry: Entry): Entry => ({ ...entry, isTried: true });

/** Nobody but this device knows of it yet, so that taking it away leaves no trace anywhere. */
export const isUnheard = ({ state, isTried }: Entry): boolean => state === "waiting" && !isTried;

export interface Settled {
  /** Taken by the server (applied, late or duplicate): the outbox forgets them. */
  readonly done: readonly Entry[];
  /** Refused or in conflict: kept, and shown until a person dismisses them. */
  readonly kept: readonly Entry[];
}

/** What the answer to a batch decides. An entry that the answer does not name goes on waiting. */
export function settle(batch: readonly Entry[], outcomes: ReadonlyMap<string, Outcome>): Settled {
  const done: Entry[] = [];
  const kept: Entry[] = [];
  for (const entry of batch) {
    const outcome = outcomes.get(entry.id);
    if (outcome === undefined) continue;
    if (outcome.outcome === "rejected") kept.push(refused(entry, outcome.problem, outcome.row));
    else done.push(entry);
  }
  return { done, kept };
}

export function refused(entry: Entry, problem: Problem, row: Row | null = null): Entry {
  return { ...entry, state: problem.type === ROW_CHANGED ? "conflict" : "refused", problem, row };
}

/** What `occupied` becomes once the server has what waits for a pool; never below zero (law 2). */
export function occupiedAfter(occupied: number, waiting: readonly Entry[]): number {
  let sum = occupied;
  for (const { statement } of waiting) {
    if (statement.type === "count") sum = statement.occupied;
    if (statement.type === "movement") sum += statement.delta;
  }
  return Math.max(0, sum);
}

export function countOf(entries: readonly Entry[], state: EntryState): number {
  return entries.filter((entry) => entry.state === state).length;
}
