/** Rows, messages and clocks for the tests: plain values, and time that moves only when told to. */
import type { Row } from "../src/board/board";
import type { Clock } from "../src/feed/waits";

export const NOON = Date.parse("2026-11-22T12:00:00.000Z");

export function row(changes: Partial<Row> = {}): Row {
  return {
    pool: "halte.women",
    site: "halte",
    seq: 1,
    status: "open",
    capacity: 39,
    extra: 0,
    out_of_service: 0,
    occupied: 36,
    held: 0,
    free: 3,
    over: 0,
    observed_ms: NOON,
    fresh_for: 7200,
    contingents: [],
    ...changes,
  };
}

/** The same row as the wire writes it. */
export function wireRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { observed_ms: _, ...fields } = row();
  return { ...fields, observed_at: "2026-11-22T12:00:00.000Z", ...changes };
}

export function wireMessage(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    epoch: "e1",
    since: null,
    seq: 1,
    server_time: "2026-11-22T12:00:00.000Z",
    complete: true,
    rows: [wireRow()],
    ...changes,
  };
}

/** A clock by hand: `pass` runs what is due, in order. */
export class HandClock implements Clock {
  #now = NOON;
  #due: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(wait_ms: number, act: () => void): () => void {
    const one = { at: this.#now + wait_ms, act };
    this.#due.push(one);
    return () => {
      this.#due = this.#due.filter((other) => other !== one);
    };
  }

  pass(length_ms: number): void {
    const end = this.#now + length_ms;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#now = next.at;
      next.act();
    }
    this.#now = end;
  }

  get waits(): number[] {
    return this.#due.map(({ at }) => at - this.#now);
  }
}
