import { describe, expect, it } from "vitest";
import {
  type Entry,
  newEntry,
  nextBatch,
  occupiedAfter,
  ROW_CHANGED,
  reportOf,
  settle,
} from "../../src/outbox/queue";
import type { Outcome, Statement } from "../../src/wire/reports";
import { NOON, row } from "../builders";

const ARRIVAL: Statement = { type: "movement", pool: "halte.women", delta: 1 };

function entry(id: string, statement: Statement = ARRIVAL, territory = "75"): Entry {
  return newEntry(id, { territory, site: "halte", statement, seen: null }, NOON);
}

const problem = (type: string) => ({ type, title: type, detail: null });

describe("the queue", () => {
  it("sends in the order of the taps, one territory at a time, so many at most", () => {
    const entries = [
      entry("3"),
      entry("1"),
      entry("2", ARRIVAL, "93"),
      { ...entry("0"), state: "refused" as const },
    ];
    expect(nextBatch(entries).map(({ id }) => id)).toEqual(["1", "3"]);
    expect(nextBatch(entries, 1).map(({ id }) => id)).toEqual(["1"]);
    expect(nextBatch([])).toEqual([]);
  });

  it("says the moment of the tap, not of the sending", () => {
    expect(reportOf(entry("1"))).toEqual({ ...ARRIVAL, id: "1", observed_at: "2026-11-22T12:00:00.000Z" });
  });

  it("forgets what was applied, late or known already; keeps what was refused; leaves the unanswered", () => {
    const batch = ["1", "2", "3", "4", "5", "6"].map((id) => entry(id));
    const outcomes = new Map<string, Outcome>([
      ["1", { id: "1", outcome: "applied" }],
      ["2", { id: "2", outcome: "late" }],
      ["3", { id: "3", outcome: "duplicate" }],
      ["4", { id: "4", outcome: "rejected", problem: problem("/problems/unknown-pool"), row: null }],
      ["5", { id: "5", outcome: "rejected", problem: problem(ROW_CHANGED), row: row({ occupied: 38 }) }],
    ]);
    const { done, kept } = settle(batch, outcomes);
    expect(done.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    expect(kept.map(({ id, state }) => [id, state])).toEqual([
      ["4", "refused"],
      ["5", "conflict"],
    ]);
    expect(kept[1]?.row?.occupied).toBe(38);
  });

  it("foresees what the number becomes once all is sent", () => {
    const taps = [
      entry("1"),
      entry("2"),
      entry("3", { type: "count", pool: "halte.women", occupied: 10 }),
      entry("4"),
    ];
    expect(occupiedAfter(36, taps.slice(0, 2))).toBe(38);
    expect(occupiedAfter(36, taps)).toBe(11);
    expect(occupiedAfter(0, [entry("5", { type: "movement", pool: "halte.women", delta: -1 })])).toBe(0);
  });
});
