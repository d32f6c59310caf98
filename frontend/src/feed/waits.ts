/** Waiting before the next try: a random time up to a bound that doubles, so that a thousand screens do not return at once. */

export interface Waits {
  readonly first_ms: number;
  readonly most_ms: number;
}

/** `attempt` counts from 0; `random` gives a number in [0, 1). Never less than a tenth of the bound. */
export function waitBefore(attempt: number, { first_ms, most_ms }: Waits, random: () => number): number {
  const bound_ms = Math.min(most_ms, first_ms * 2 ** Math.min(attempt, 30));
  return Math.round(bound_ms * (0.1 + 0.9 * random()));
}

/** Time as a parameter: `after` returns its own undo. */
export interface Clock {
  now(): number;
  after(wait_ms: number, act: () => void): () => void;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  after: (wait_ms, act) => {
    const timer = setTimeout(act, wait_ms);
    return () => clearTimeout(timer);
  },
};
