import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Board, Row } from "../../src/board/board";
import { Holds } from "../../src/store/holds.svelte";
import { row } from "../builders";

const hold = {
  id: "h1",
  code: "K7Q2",
  channel: "115",
  lines: [{ pool: "halte.women", places: 1 }],
  state: "active",
  expires_at: "2026-11-22T12:45:00.000Z",
  seq: 2,
};
const board = (...rows: Row[]): Board => ({
  epoch: "e1",
  seq: 9,
  rows: new Map(rows.map((one) => [one.pool, one])),
});

let listed: object[];
let asked: number;
let holds: Holds;
let stop: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  listed = [];
  asked = 0;
  vi.stubGlobal("fetch", async () => {
    asked += 1;
    return new Response(JSON.stringify({ holds: listed }));
  });
  holds = new Holds("75", "115");
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for the list when a hold came and went between two paints of the board", async () => {
  listed = [hold];
  stop = holds.start();
  await vi.advanceTimersByTimeAsync(0);
  holds.look(board(row({ seq: 1, held: 0 })));
  await vi.advanceTimersByTimeAsync(1_000);
  const before = asked;
  // The hold of the list and its end were painted as one: `held` is what it was.
  listed = [];
  holds.look(board(row({ seq: 3, held: 0 })));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBeGreaterThan(before);
  expect(holds.active.value).toEqual([]);
});

it("asks again for a list that the board has overtaken, and not for ever", async () => {
  listed = [hold];
  stop = holds.start();
  holds.look(board(row({ seq: 3, held: 0 })));
  for (let times = 0; times < 20; times += 1) {
    await vi.advanceTimersByTimeAsync(500);
    holds.compare();
  }
  expect(asked).toBeGreaterThan(2);
  expect(asked).toBeLessThan(10);
});

it("does not ask for the list at each count of a busy night", async () => {
  stop = holds.start();
  await vi.advanceTimersByTimeAsync(0);
  holds.look(board(row({ seq: 1, held: 0 })));
  await vi.advanceTimersByTimeAsync(1_000);
  const before = asked;
  holds.look(board(row({ seq: 2, held: 0, occupied: 37, free: 2 })));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(before);
});
