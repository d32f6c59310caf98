/**
 * Keeps what was tapped until the server has answered it: one batch at a time, in the order of the taps.
 *
 * The shelf is the truth, read anew before each batch, so that two pages of one device share it. Ids make
 * every resend harmless; the courier decides when the next one goes.
 */

import type { Clock } from "../feed/waits";
import type { Report } from "../wire/reports";
import { openCourier, type Round, type Traffic } from "./courier";
import type { Answer } from "./post";
import { BATCH_MOST, type Entry, newEntry, nextBatch, refused, reportOf, type Saying, settle } from "./queue";
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
  onDone(done: readonly Entry[]): void;
}

export interface Outbox {
  /** Kept on the device when this resolves, and on its way. */
  tell(saying: Saying): Promise<void>;
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
    const batch = nextBatch(await show(), most);
    if (batch.length === 0) return { kind: "idle" };
    listener.onTraffic("sending");
    const answer = await tools.post(batch[0]?.territory ?? "", batch.map(reportOf), clock.now());
    if (answer.kind === "later") return answer;
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
    return { kind: "more" };
  }

  async function tell(saying: Saying): Promise<void> {
    await shelf.put([newEntry(tools.newId(), saying, clock.now())]);
    await show();
    courier.ask();
  }

  async function dismiss(id: string): Promise<void> {
    await shelf.remove([id]);
    await show();
  }

  courier.ask();
  return { tell, dismiss, wake: courier.wake, stop: courier.stop };
}
