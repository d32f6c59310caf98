/** A screen that asks to be let in: shows its code, and looks by itself whether somebody has let it in (RFC 8628). */

import { askToBeLetIn, askWhetherLetIn } from "../api/pairing";
import { type Clock, wallClock } from "../feed/waits";
import type { Authorization } from "../wire/pairing";

/** `late`: the service does not answer, and is asked again. `denied`: a person has said no. */
export type PairingState = "asking" | "shown" | "late" | "denied" | "admitted";

const AGAIN_MS = 5_000;
/** What "slow down" adds to the wait, by the RFC. */
const SLOWER_S = 5;

export interface PairingTools {
  readonly clock: Clock;
  askToBeLetIn: typeof askToBeLetIn;
  askWhetherLetIn: typeof askWhetherLetIn;
}

const TOOLS: PairingTools = { clock: wallClock, askToBeLetIn, askWhetherLetIn };

export class Pairing {
  state = $state<PairingState>("asking");
  /** Null until the first code; a late service leaves the last one in sight. */
  authorization = $state.raw<Authorization | null>(null);

  #client_id: string;
  #label: string | null;
  #onAdmitted: () => void;
  #tools: PairingTools;
  #isStopped = false;
  #undoWait = () => {};

  /** `onAdmitted`: the cookie is there. */
  constructor(client_id: string, label: string | null, onAdmitted: () => void, tools: PairingTools = TOOLS) {
    this.#client_id = client_id;
    this.#label = label;
    this.#onAdmitted = onAdmitted;
    this.#tools = tools;
  }

  /** Runs until somebody decides or the returned undo is called; a code that ran out is followed by a new one. */
  start(): () => void {
    this.#isStopped = false;
    void this.#begin();
    return () => {
      this.#isStopped = true;
      this.#undoWait();
    };
  }

  /** After a no: a new code. */
  again(): void {
    this.#undoWait();
    void this.#begin();
  }

  async #begin(): Promise<void> {
    if (this.state !== "late") this.state = "asking";
    const answer = await this.#tools.askToBeLetIn(this.#client_id, this.#label);
    if (this.#isStopped) return;
    if (answer.kind !== "ok") {
      this.state = "late";
      this.#in(AGAIN_MS, () => this.#begin());
      return;
    }
    this.authorization = answer.value;
    this.state = "shown";
    const { interval, expires_in } = answer.value;
    this.#look(answer.value, interval, this.#tools.clock.now() + expires_in * 1000);
  }

  #look(authorization: Authorization, interval: number, ends_ms: number): void {
    this.#in(interval * 1000, async () => {
      if (this.#tools.clock.now() >= ends_ms) return this.#begin();
      const answer = await this.#tools.askWhetherLetIn(this.#client_id, authorization.device_code);
      if (this.#isStopped) return;
      if (answer.kind === "ok") {
        this.state = "admitted";
        return this.#onAdmitted();
      }
      if (answer.kind === "unanswered") {
        this.state = "late";
        return this.#look(authorization, interval + SLOWER_S, ends_ms);
      }
      this.state = "shown";
      const error = answer.problem.type;
      if (error === "authorization_pending") this.#look(authorization, interval, ends_ms);
      else if (error === "slow_down") this.#look(authorization, interval + SLOWER_S, ends_ms);
      else if (error === "access_denied") this.state = "denied";
      else await this.#begin();
    });
  }

  #in(wait_ms: number, act: () => void | Promise<void>): void {
    this.#undoWait();
    this.#undoWait = this.#tools.clock.after(wait_ms, () => void act());
  }
}
