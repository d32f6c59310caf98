/** The requests of the night, and the one of the call that is being answered. */

import { insist } from "../api/insisting";
import { closeRequest, openRequest, requestsOf } from "../api/requests";
import type { Wish } from "../board/wish";
import { wallClock } from "../feed/waits";
import { newId } from "../outbox/ids";
import type { Channel } from "../vocabulary/holds";
import type { UnmetReason } from "../vocabulary/requests";
import type { Problem } from "../wire/problems";
import type { HouseholdRequest, Night, RequestAnswer, RequestOutcome } from "../wire/requests";
import { Polled } from "./polled.svelte";

const AGAIN_MS = 20_000;
const TOOLS = { clock: wallClock, random: Math.random };

export class Requests {
  readonly night: Polled<Night>;
  /** The request of this call, with the code to tell; null until it is written down. */
  current = $state.raw<RequestAnswer | null>(null);
  isOpening = $state(false);
  /** Requests with an outcome under way. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  problem = $state.raw<Problem | null>(null);

  #territory: string;
  #channel: Channel;

  constructor(territory: string, channel: Channel) {
    this.#territory = territory;
    this.#channel = channel;
    this.night = new Polled((signal) => requestsOf(territory, null, signal), AGAIN_MS);
  }

  start(): () => void {
    return this.night.start();
  }

  /** Writes the wish down as a request of this call. */
  async open({ party, needs, where, contact }: Wish): Promise<void> {
    if (this.isOpening) return;
    this.isOpening = true;
    this.problem = null;
    const area = where === null ? {} : { area: String(75_000 + where.arrondissement) };
    const known = contact === null ? {} : { contact };
    const request = { id: newId(), party, needs, channel: this.#channel, ...area, ...known };
    const decided = await insist(TOOLS, (signal) => openRequest(this.#territory, request, signal)).decided;
    this.isOpening = false;
    if (decided?.kind === "ok") this.current = decided.value;
    if (decided?.kind === "refused") this.problem = decided.problem;
    this.night.soon();
  }

  /** The hold that answers a request. */
  orient(request: HouseholdRequest, hold: string): Promise<void> {
    return this.#close(request, { id: newId(), outcome: "oriented", hold });
  }

  leaveUnmet(request: HouseholdRequest, reason: UnmetReason): Promise<void> {
    return this.#close(request, { id: newId(), outcome: "unmet", reason });
  }

  /** The call is over; its request stays in the list of the night. */
  hangUp(): void {
    this.current = null;
    this.problem = null;
  }

  async #close(request: HouseholdRequest, outcome: RequestOutcome): Promise<void> {
    if (this.busy.has(request.id)) return;
    this.busy = new Set([...this.busy, request.id]);
    this.problem = null;
    const close = (signal: AbortSignal) => closeRequest(this.#territory, request.id, outcome, signal);
    const decided = await insist(TOOLS, close).decided;
    this.busy = new Set([...this.busy].filter((other) => other !== request.id));
    if (decided?.kind === "ok") this.#told(decided.value);
    if (decided?.kind === "refused") {
      this.problem = decided.problem;
      if (decided.problem.request !== null) this.#told(decided.problem.request);
    }
    this.night.soon();
  }

  /** The service told how a request is now. */
  #told(request: HouseholdRequest): void {
    if (this.current?.request.id === request.id) this.current = { ...this.current, request };
    const night = this.night.value;
    if (night === null) return;
    const requests = night.requests.map((other) => (other.id === request.id ? request : other));
    this.night.tell({ ...night, requests });
  }
}
