/**
 * Goes on its rounds until nothing is left to send: one round at a time, with growing waits while the server
 * cannot be reached, and at once when someone asks.
 */

import { type Clock, type Waits, waitBefore } from "../feed/waits";

/** `offline`: the last try did not reach the server; `waiting`: it was reached and asked for patience. */
export type Traffic = "idle" | "sending" | "waiting" | "offline";

export type Round =
  /** The server decided something: the next round may go. */
  | { readonly kind: "more" }
  /** Nothing to send now; with `next_ms`, something falls due then, by the device's clock. */
  | { readonly kind: "idle"; readonly next_ms?: number | null }
  | { readonly kind: "later"; readonly isReachable: boolean; readonly retry_ms: number | null };

export interface CourierTools {
  readonly clock: Clock;
  random(): number;
  /** Sends the next piece, if there is one. May throw: then all of it is tried again. */
  round(): Promise<Round>;
  onTraffic(traffic: Traffic): void;
}

export interface Courier {
  /** Something was put: looks for it as soon as the round under way is over. */
  ask(): void;
  /** Tries now instead of at the end of the wait: the network is back, or the page is shown again. */
  wake(): void;
  stop(): void;
}

const RETRY: Waits = { first_ms: 1_000, most_ms: 60_000 };

export function openCourier({ clock, random, round, onTraffic }: CourierTools): Courier {
  let isBusy = false;
  /** Someone asked while a round was under way: what they put may have missed its last look. */
  let isAsked = false;
  let isStopped = false;
  let attempt = 0;
  let undoTimer = () => {};

  async function go(): Promise<void> {
    if (isStopped) return;
    if (isBusy) {
      isAsked = true;
      return;
    }
    isBusy = true;
    undoTimer();
    try {
      let went = await round();
      while (went.kind === "more" && !isStopped) {
        attempt = 0;
        went = await round();
      }
      if (went.kind === "later") wait(went.isReachable, went.retry_ms);
      else rest(went.kind === "idle" ? (went.next_ms ?? null) : null);
    } catch {
      wait(true, null); // The shelf itself failed: nothing is forgotten, so all of it is tried again.
    } finally {
      isBusy = false;
      if (isAsked) {
        isAsked = false;
        void go();
      }
    }
  }

  function rest(next_ms: number | null): void {
    onTraffic("idle");
    if (next_ms !== null && !isStopped) again(Math.max(0, next_ms - clock.now()));
  }

  function wait(isReachable: boolean, retry_ms: number | null): void {
    onTraffic(isReachable ? "waiting" : "offline");
    again(Math.max(retry_ms ?? 0, waitBefore(attempt, RETRY, random)));
    attempt += 1;
  }

  function again(wait_ms: number): void {
    undoTimer();
    undoTimer = clock.after(wait_ms, () => void go());
  }

  return {
    ask: () => void go(),
    wake: () => {
      attempt = 0;
      void go();
    },
    stop: () => {
      isStopped = true;
      undoTimer();
    },
  };
}
