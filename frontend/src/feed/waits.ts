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

/** The moment that a server gives each of those whom it sends away, so that the next one is not run over. */
const AGAIN = /^again in (\d{1,4}) ms$/;

/** In how many milliseconds to come again, by the reason of a close; null where it does not say. */
export function againIn(reason: string): number | null {
  const said = AGAIN.exec(reason)?.[1];
  return said === undefined ? null : Number(said);
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
