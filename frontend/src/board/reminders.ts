/** When a tablet asks how many are there: at the hours that its site chose, if nobody has said so shortly before. */

import { hourAndMinute } from "../vocabulary/moments";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** A figure that is this young when the hour strikes has answered already. */
export const ANSWERED_MS = 30 * MINUTE_MS;
/** So long a question stands; then nobody is there who could answer it for that hour. */
export const STANDS_MS = 180 * MINUTE_MS;

export interface Reminder {
  /** "22:00", by the clock of the place. */
  readonly hour: string;
  readonly at_ms: number;
}

/** The question that stands at `now_ms` for a figure of `told_ms` (null: nobody has ever told); null when none does. */
export function reminderDue(
  hours: readonly string[],
  told_ms: number | null,
  now_ms: number,
): Reminder | null {
  const struck = hours.map((hour): Reminder => ({ hour, at_ms: latestAt(hour, now_ms) }));
  const last = struck.reduce<Reminder | null>(
    (one, other) => (one === null || other.at_ms > one.at_ms ? other : one),
    null,
  );
  if (last === null || now_ms - last.at_ms >= STANDS_MS) return null;
  return told_ms === null || told_ms < last.at_ms - ANSWERED_MS ? last : null;
}

/** The last moment at which the clocks of the place showed this hour. */
function latestAt(hour: string, now_ms: number): number {
  const minute_ms = now_ms - (now_ms % MINUTE_MS);
  const back = (minutesAt(now_ms) - minutesOf(hour) + DAY_MINUTES) % DAY_MINUTES;
  const guess_ms = minute_ms - back * MINUTE_MS;
  // The clocks were set in between: the same hour is an hour away from where it would have been.
  const apart = ((minutesAt(guess_ms) - minutesOf(hour) + DAY_MINUTES * 1.5) % DAY_MINUTES) - DAY_MINUTES / 2;
  const at_ms = guess_ms - apart * MINUTE_MS;
  return at_ms > now_ms ? at_ms - DAY_MINUTES * MINUTE_MS : at_ms;
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 60 + minutes;
}

const minutesAt = (at_ms: number): number => minutesOf(hourAndMinute(at_ms));
