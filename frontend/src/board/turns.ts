/**
 * What is shown of a thing at a moment, and when it would read differently by time alone. Ages are told in minutes: a
 * second that passes touches only the card whose words it changes, or four hundred of them would be looked at for one.
 */

import type { Contingent } from "./board";
import { type Dated, STALE_FACTOR } from "./freshness";

const MINUTE_MS = 60_000;

interface Turning extends Dated {
  readonly contingents: readonly Pick<Contingent, "until_ms">[];
}

/** The first moment after this one at which a row's age, its freshness or what is kept of it changes; Infinity for never. */
export function nextTurn({ observed_ms, fresh_for, contingents }: Turning, after_ms: number): number {
  let next_ms = Number.POSITIVE_INFINITY;
  const turn = (at_ms: number) => {
    if (at_ms > after_ms && at_ms < next_ms) next_ms = at_ms;
  };
  for (const { until_ms } of contingents) turn(until_ms ?? 0);
  if (observed_ms === null) return next_ms;
  const minutes = Math.max(0, Math.floor((after_ms - observed_ms) / MINUTE_MS));
  turn(observed_ms + (minutes + 1) * MINUTE_MS);
  // At its very limit a figure is still what it was.
  turn(observed_ms + fresh_for * 1000 + 1);
  turn(observed_ms + fresh_for * 1000 * STALE_FACTOR + 1);
  return next_ms;
}

/** A thing, and a moment as whose it may be shown now: what is said of it has not changed since. */
export interface Seen<T> {
  readonly of: T;
  readonly now_ms: number;
}

const last = new WeakMap<object, Seen<unknown>>();

/** The very same as before while nothing that is said of it turns; `nextAfter` tells when something does. */
export function seenAt<T extends object>(
  of: T,
  now_ms: number,
  nextAfter: (after_ms: number) => number,
): Seen<T> {
  const before = last.get(of) as Seen<T> | undefined;
  if (before !== undefined && before.now_ms <= now_ms && now_ms < nextAfter(before.now_ms)) return before;
  const seen = { of, now_ms };
  last.set(of, seen);
  return seen;
}

/** Gives back the very same list while nothing in it is another, so that nothing that reads it is done anew. */
export function steadily<T>(): (next: readonly T[]) => readonly T[] {
  let list: readonly T[] = [];
  return (next) => {
    if (next.length !== list.length || next.some((one, index) => one !== list[index])) list = next;
    return list;
  };
}
