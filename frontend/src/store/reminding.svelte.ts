/** The question that stands on a tablet: which pools it is about, whether it was put off, and whether it is heard. */

import { type Reminder, reminderDue } from "../board/reminders";
import { chime } from "./chime";
import { keep, kept } from "./keep";

const LATER_MS = 15 * 60_000;
const SOUND = "tablet.sound";

/** A pool with the moment of the newest thing that this tablet knows to have been said of it, by the server's clock. */
export interface Heard {
  readonly id: string;
  readonly told_ms: number | null;
}

export interface Question {
  readonly reminder: Reminder;
  readonly pool_ids: readonly string[];
}

export class Reminding {
  isHeard = $state(kept(SOUND) === "on");
  #quiet_ms = $state(0);
  #rung_ms = 0;

  /** What stands now; null when nothing does. */
  question(hours: readonly string[], pools: readonly Heard[], now_ms: number): Question | null {
    if (now_ms < this.#quiet_ms) return null;
    const due = pools.flatMap(({ id, told_ms }) => {
      const reminder = reminderDue(hours, told_ms, now_ms);
      return reminder === null ? [] : [{ id, reminder }];
    });
    const [first] = due;
    return first === undefined ? null : { reminder: first.reminder, pool_ids: due.map(({ id }) => id) };
  }

  /** Rings once an hour at most, and only where somebody asked for it. */
  ring({ at_ms }: Reminder): void {
    if (at_ms === this.#rung_ms) return;
    this.#rung_ms = at_ms;
    if (this.isHeard) chime();
  }

  putOff(now_ms: number): void {
    this.#quiet_ms = now_ms + LATER_MS;
  }

  hear(isHeard: boolean): void {
    this.isHeard = isHeard;
    keep(SOUND, isHeard ? "on" : "off");
  }
}
