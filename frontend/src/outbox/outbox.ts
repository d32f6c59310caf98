/**
 * Keeps what was tapped until the server has answered it: one batch at a time, in the order of the taps; one by one
 * while the connection is poor, so that each that gets through is done with.
 *
 * The shelf is the truth, read anew before each batch, so that two pages of one device share it. Ids make
 * every resend harmless; the courier decides when the next one goes.
 */

import type { Clock } from "../feed/waits";
import type { Report } from "../wire/reports";
import { openCourier, type Round, type Traffic } from "./courier";
import type { Answer } from "./post";
import {
  BATCH_MOST,
  type Entry,
  isUnheard,
  newEntry,
  nextBatch,
  refused,
  reportOf,
  type Saying,
  settle,
  tried,
} from "./queue";
import type { Shelf } from "./shelf";

export interface OutboxTools {
  readonly shelf: Shelf<Entry>;
  readonly clock: Clock;
  random(): number;
  newId(): string;
  post(territory: string, reports: readonly Report[], sent_ms: number): Promise<Answer>;
}

export interface OutboxListener {
  onEntries(entries: readonly Entry[]): void;
  onTraffic(traffic: Traffic): void;
  /** How many are on their way to the server at this moment. */
  onUnderWay(count: number): void;
  onDone(done: readonly Entry[]): void;
}

export interface Outbox {
  /** Kept on the device when this resolves, and on its way; its id. Said of now, unless it is of another moment. */
  tell(saying: Saying, tapped_ms?: number): Promise<string>;
  /**
   * Takes back what has never left this device. False when it has, or may have: then only another report undoes it.
   */
  withdraw(id: string): Promise<boolean>;
  dismiss(id: string): Promise<void>;
  /** Tries now: the network is back, or the page is shown again. */
  wake(): void;
  stop(): void;
}

export function openOutbox(tools: OutboxTools, listener: OutboxListener): Outbox {
  const { shelf, clock, random } = tools;
  let most = BATCH_MOST;
  const courier = openCourier({ clock, random, round, onTraffic: listener.onTraffic });

  async function show(): Promise<readonly Entry[]> {
    const entries = await shelf.all();
    listener.onEntries(entries);
    return entries;
  }

  async function round(): Promise<Round> {
    const next = nextBatch(await show(), most);
    if (next.length === 0) return { kind: "idle" };
    // Said before it is done: whoever takes a tap back from now on knows that the server may have it.
    const found = await shelf.revise(
      next.map(({ id }) => id),
      tried,
    );
    const batch = found.filter(({ state }) => state === "waiting");
    if (batch.length === 0) return { kind: "more" };
    listener.onTraffic("sending");
    listener.onUnderWay(batch.length);
    const answer = await tools.post(batch[0]?.territory ?? "", batch.map(reportOf), clock.now());
    listener.onUnderWay(0);
    if (answer.kind === "later") {
      if (!answer.isReachable) most = 1;
      return answer;
    }
    if (answer.kind === "refused" && batch.length > 1) {
      most = 1; // One of them spoils the whole body: alone, each finds its own answer.
      return { kind: "more" };
    }
    const { done, kept } =
      answer.kind === "refused"
        ? { done: [], kept: batch.map((entry) => refused(entry, answer.problem)) }
        : settle(batch, answer.outcomes);
    if (done.length + kept.length === 0) return { kind: "later", isReachable: true, retry_ms: null };
    await shelf.put(kept);
    await shelf.remove(done.map(({ id }) => id));
    if (done.length > 0) listener.onDone(done);
    most = Math.min(BATCH_MOST, most * 2);
    return { kind: "more" };
  }

  async function tell(saying: Saying, tapped_ms = clock.now()): Promise<string> {
    const id = tools.newId();
    await shelf.put([newEntry(id, saying, tapped_ms)]);
    await show();
    courier.ask();
    return id;
  }

  async function withdraw(id: string): Promise<boolean> {
    const [was] = await shelf.revise([id], (entry) => (isUnheard(entry) ? null : entry));
    await show();
    return was !== undefined && isUnheard(was);
  }

  async function dismiss(id: string): Promise<void> {
    await shelf.remove([id]);
    await show();
  }

  courier.ask();
  return { tell, withdraw, dismiss, wake: courier.wake, stop: courier.stop };
}
