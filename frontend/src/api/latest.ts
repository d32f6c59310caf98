/**
 * Questions of which only the newest matters, as of a search while someone types: waits for a pause, aborts
 * what was asked before, and lets no earlier answer through, however late it comes.
 */

import type { Clock } from "../feed/waits";

export interface LatestTools<Question, Reply> {
  readonly clock: Clock;
  ask(question: Question, signal: AbortSignal): Promise<Reply>;
  onReply(question: Question, reply: Reply): void;
}

export interface Latest<Question> {
  /** Asks after `wait_ms` without a newer question. */
  ask(question: Question, wait_ms: number): void;
  /** Nothing is wanted any more: no answer comes through until the next question. */
  drop(): void;
}

export function latestOnly<Question, Reply>(tools: LatestTools<Question, Reply>): Latest<Question> {
  let undoWait = () => {};
  let underway: AbortController | null = null;

  function drop(): void {
    undoWait();
    underway?.abort();
    underway = null;
  }

  async function send(question: Question): Promise<void> {
    const mine = new AbortController();
    underway = mine;
    const reply = await tools.ask(question, mine.signal);
    if (underway !== mine) return;
    underway = null;
    tools.onReply(question, reply);
  }

  function ask(question: Question, wait_ms: number): void {
    drop();
    if (wait_ms <= 0) void send(question);
    else undoWait = tools.clock.after(wait_ms, () => void send(question));
  }

  return { ask, drop };
}
