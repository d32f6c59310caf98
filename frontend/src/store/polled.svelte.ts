/** Something that the service is asked for again and again; the last answer stays while a newer one is on its way. */

import type { Answer } from "../api/asking";
import { type Clock, wallClock } from "../feed/waits";

/** `late`: the newest question was not answered, so what is shown may be old. */
export type PolledState = "loading" | "ready" | "late";

const SOONEST_MS = 400;

export class Polled<T> {
  value = $state.raw<T | null>(null);
  state = $state<PolledState>("loading");

  #asking: (signal: AbortSignal) => Promise<Answer<T>>;
  #every_ms: number;
  #clock: Clock;
  #asked_ms = Number.NEGATIVE_INFINITY;
  /** The question on its way, and whether something happened since that its answer may not know. */
  #underway: AbortController | null = null;
  #isOvertaken = false;
  #undoSoon: (() => void) | null = null;

  constructor(ask: (signal: AbortSignal) => Promise<Answer<T>>, every_ms: number, clock: Clock = wallClock) {
    this.#asking = ask;
    this.#every_ms = every_ms;
    this.#clock = clock;
  }

  start(): () => void {
    let undoAgain = () => {};
    const again = () => {
      if (this.#underway === null && this.#undoSoon === null) void this.#ask();
      undoAgain = this.#clock.after(this.#every_ms, again);
    };
    again();
    return () => {
      undoAgain();
      this.#drop();
    };
  }

  /**
   * Something happened that the answer depends on: asks now, or a moment later when it has just asked. A question
   * on its way is heard out, and asked once more: on a slow line a busy night would otherwise cut off each one.
   */
  soon(): void {
    if (this.#underway !== null) {
      this.#isOvertaken = true;
      return;
    }
    this.#undoSoon ??= this.#clock.after(
      Math.max(0, this.#asked_ms + SOONEST_MS - this.#clock.now()),
      () => void this.#ask(),
    );
  }

  /** The service itself told a newer value: an older answer that is still on its way is not heard. */
  tell(value: T): void {
    this.#drop();
    this.value = value;
    this.soon();
  }

  async #ask(): Promise<void> {
    const mine = new AbortController();
    this.#drop();
    this.#underway = mine;
    this.#asked_ms = this.#clock.now();
    const answer = await this.#asking(mine.signal);
    if (this.#underway !== mine) return;
    this.#underway = null;
    this.state = answer.kind === "ok" ? "ready" : "late";
    if (answer.kind === "ok") this.value = answer.value;
    if (!this.#isOvertaken) return;
    this.#isOvertaken = false;
    this.soon();
  }

  /** Whatever was asked or about to be: its answer is not wanted any more. */
  #drop(): void {
    this.#undoSoon?.();
    this.#undoSoon = null;
    this.#underway?.abort();
    this.#underway = null;
    this.#isOvertaken = false;
  }
}
