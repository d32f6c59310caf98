/**
 * Keeps what was tapped until the server has answered it: one batch at a time, in the order of the taps.
 *
 * The shelf is the truth, read anew before each batch, so that two pages of one device share it. Ids make
 * every resend harmless; growing waits and `wake` decide when the next one goes.
 */

import { type Clock, type Waits, waitBefore } from "../feed/waits";
import type { Report } from "../wire/reports";
import type { Answer } from "./post";
import { BATCH_MOST, type Entry, newEntry, nextBatch, refused, reportOf, type Saying, settle } from "./queue";
import type { Shelf } from "./shelf";

/** `offline`: the last try did not reach the server; `waiting`: it was reached and asked for patience. */
export type Traffic = "idle" | "sending" | "waiting" | "offline";

export interface OutboxTools {
  readonly shelf: Shelf;
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

const RETRY: Waits = { first_ms: 1_000, most_ms: 60_000 };

export function openOutbox(tools: OutboxTools, listener: OutboxListener): Outbox {
  const { shelf, clock } = tools;
  let isBusy = false;
  /** Someone asked for a flush while one was running: what they put may have missed its last look. */
  let isAsked = false;
  let isStopped = false;
  let attempt = 0;
  let most = BATCH_MOST;
  let undoTimer = () => {};

  async function show(): Promise<readonly Entry[]> {
    const entries = await shelf.all();
    listener.onEntries(entries);
    return entries;
  }

  async function flush(): Promise<void> {
    if (isStopped) return;
    if (isBusy) {
      isAsked = true;
      return;
    }
    isBusy = true;
    undoTimer();
    try {
      let batch = nextBatch(await show(), most);
      while (batch.length > 0 && !isStopped) {
        listener.onTraffic("sending");
        if (!(await send(batch))) return;
        batch = nextBatch(await show(), most);
      }
      listener.onTraffic("idle");
    } catch {
      wait(true, null); // The shelf itself failed: nothing is forgotten, so all of it is tried again.
    } finally {
      isBusy = false;
      if (isAsked) {
        isAsked = false;
        void flush();
      }
    }
  }

  /** True when the server decided something about this batch, so that the next one may go. */
  async function send(batch: readonly Entry[]): Promise<boolean> {
    const territory = batch[0]?.territory ?? "";
    const answer = await tools.post(territory, batch.map(reportOf), clock.now());
    if (answer.kind === "later") return wait(answer.isReachable, answer.retry_ms);
    if (answer.kind === "refused" && batch.length > 1) {
      most = 1; // One of them spoils the whole body: alone, each finds its own answer.
      return true;
    }
    const { done, kept } =
      answer.kind === "refused"
        ? { done: [], kept: batch.map((entry) => refused(entry, answer.problem)) }
        : settle(batch, answer.outcomes);
    if (done.length + kept.length === 0) return wait(true, null);
    attempt = 0;
    await shelf.put(kept);
    await shelf.remove(done.map(({ id }) => id));
    if (done.length > 0) listener.onDone(done);
    return true;
  }

  function wait(isReachable: boolean, retry_ms: number | null): false {
    listener.onTraffic(isReachable ? "waiting" : "offline");
    const wait_ms = Math.max(retry_ms ?? 0, waitBefore(attempt, RETRY, tools.random));
    attempt += 1;
    undoTimer = clock.after(wait_ms, () => void flush());
    return false;
  }

  async function tell(saying: Saying): Promise<void> {
    await shelf.put([newEntry(tools.newId(), saying, clock.now())]);
    await show();
    void flush();
  }

  async function dismiss(id: string): Promise<void> {
    await shelf.remove([id]);
    await show();
  }

  function wake(): void {
    attempt = 0;
    void flush();
  }

  function stop(): void {
    isStopped = true;
    undoTimer();
  }

  void flush();
  return { tell, dismiss, wake, stop };
}
