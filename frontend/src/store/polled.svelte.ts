/** Something that the service is asked for again and again; the last answer stays while a newer one is on its way. */

import type { Answer } from "../api/asking";
import { latestOnly } from "../api/latest";
import { wallClock } from "../feed/waits";

/** `late`: the newest question was not answered, so what is shown may be old. */
export type PolledState = "loading" | "ready" | "late";

const SOONEST_MS = 400;

export class Polled<T> {
  value = $state.raw<T | null>(null);
  state = $state<PolledState>("loading");

  #every_ms: number;
  #asked_ms = 0;
  #isSoon = false;
  #latest;

  constructor(ask: (signal: AbortSignal) => Promise<Answer<T>>, every_ms: number) {
    this.#every_ms = every_ms;
    this.#latest = latestOnly<null, Answer<T>>({
      clock: wallClock,
      ask: (_, signal) => {
        this.#isSoon = false;
        this.#asked_ms = Date.now();
        return ask(signal);
      },
      onReply: (_, answer) => {
        this.state = answer.kind === "ok" ? "ready" : "late";
        if (answer.kind === "ok") this.value = answer.value;
      },
    });
  }

  start(): () => void {
    this.#ask(0);
    const again = setInterval(() => {
      if (!this.#isSoon) this.#ask(0);
    }, this.#every_ms);
    return () => {
      clearInterval(again);
      this.#latest.drop();
      this.#isSoon = false;
    };
  }

  /** Something happened that the answer depends on: asks now, or a moment later when it has just asked. */
  soon(): void {
    if (!this.#isSoon) this.#ask(Math.max(0, this.#asked_ms + SOONEST_MS - Date.now()));
  }

  /** The service itself told a newer value: an older answer that is still on its way is not heard. */
  tell(value: T): void {
    this.#latest.drop();
    this.#isSoon = false;
    this.value = value;
    this.soon();
  }

  #ask(wait_ms: number): void {
    this.#isSoon = true;
    this.#latest.ask(null, wait_ms);
  }
}
