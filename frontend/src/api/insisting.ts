/**
 * A command that is sent again, with its one id, until the service has answered it: granted or refused, never
 * "perhaps". The waits grow; `hurry` is for the network that has just come back.
 */

import { type Clock, type Waits, waitBefore } from "../feed/waits";
import type { Problem } from "../wire/problems";
import type { Answer } from "./asking";

export type Decided<T, Refusal extends Problem> = Exclude<Answer<T, Refusal>, { kind: "unanswered" }>;

export interface InsistTools {
  readonly clock: Clock;
  random(): number;
}

export interface Insistence<T, Refusal extends Problem> {
  /** Null when it was given up. */
  readonly decided: Promise<Decided<T, Refusal> | null>;
  hurry(): void;
  /** Gives up. The service may have taken the command all the same: whoever gives up asks what became of it. */
  stop(): void;
}

const RETRY: Waits = { first_ms: 500, most_ms: 8_000 };

export function insist<T, Refusal extends Problem>(
  { clock, random }: InsistTools,
  send: (signal: AbortSignal) => Promise<Answer<T, Refusal>>,
): Insistence<T, Refusal> {
  const stopped = new AbortController();
  let undoWait = () => {};
  let goOn = () => {};

  const pause = (wait_ms: number) =>
    new Promise<void>((resolve) => {
      goOn = resolve;
      undoWait = clock.after(wait_ms, resolve);
    });

  async function decide(): Promise<Decided<T, Refusal> | null> {
    for (let attempt = 0; !stopped.signal.aborted; attempt += 1) {
      const answer = await send(stopped.signal);
      if (answer.kind !== "unanswered") return answer;
      if (!stopped.signal.aborted)
        await pause(Math.max(answer.retry_ms ?? 0, waitBefore(attempt, RETRY, random)));
    }
    return null;
  }

  function hurry(): void {
    undoWait();
    goOn();
  }

  return {
    decided: decide(),
    hurry,
    stop: () => {
      stopped.abort();
      hurry();
    },
  };
}
