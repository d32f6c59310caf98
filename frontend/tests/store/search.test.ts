import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Search } from "../../src/store/search.svelte";

const option = (pool: string) => ({
  site: { id: "halte", name: "Halte", kind: "women_halte", phone: null, address: null },
  lines: [
    {
      pool,
      places: 1,
      unit: "place",
      audience: "women",
      sleeps: null,
      free: 3,
      free_for_you: 3,
      observed_at: null,
      freshness: "fresh",
    },
  ],
  persons: 1,
  certainty: "certain",
  freshness: "fresh",
  distance_m: null,
  walk: null,
  opening: { state: "unknown" },
  why: [],
});
const answer = (...pools: string[]) => ({
  options: pools.map(option),
  found: pools.length,
  searched: 9,
  server_time: "2026-11-22T12:00:00.000Z",
  first_because: null,
  note: null,
});

let found: string[];
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  found = ["a", "b"];
  asked = [];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(new URL(path, "http://test").searchParams.get("women") ?? "");
    return new Response(JSON.stringify(answer(...found)));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pools = (search: Search) => search.options.map(({ lines }) => lines[0]?.pool);

it("asks once for what was typed in one breath, and acts on the list only once it was read", async () => {
  const search = new Search("75", "115");
  search.type("1");
  search.type("1f");
  await vi.advanceTimersByTimeAsync(100);
  search.type("12f");
  await vi.advanceTimersByTimeAsync(160);
  expect([asked, pools(search), search.isCurrent, search.isRead]).toEqual([["12"], ["a", "b"], true, false]);
  await vi.advanceTimersByTimeAsync(300);
  expect(search.isRead).toBe(true);
});

it("never takes an answer for words that are no longer in the line", async () => {
  const search = new Search("75", "115");
  search.type("1f");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(search.isRead).toBe(true);
  search.type("2f");
  expect([pools(search), search.isRead]).toEqual([["a", "b"], false]);
});

it("leaves a ranking that was read where it is until the operator takes the new one", async () => {
  const search = new Search("75", "115");
  search.type("1f");
  await vi.advanceTimersByTimeAsync(1_000);
  let board = {};
  const stop = search.start(() => board);
  await vi.advanceTimersByTimeAsync(5_000);
  found = ["b", "a"];
  board = {};
  await vi.advanceTimersByTimeAsync(5_000);
  expect(pools(search)).toEqual(["a", "b"]);
  search.rerank();
  expect([pools(search), search.isRead]).toEqual([["b", "a"], false]);
  stop();
});

it("forgets everything between two calls", async () => {
  const search = new Search("75", "115");
  search.type("1f");
  search.lengthen(2);
  await vi.advanceTimersByTimeAsync(1_000);
  search.clear();
  expect([search.words, search.minutes, search.found, search.isRead]).toEqual(["", 45, null, false]);
});

it("keeps the time of a hold within what the service takes", () => {
  const search = new Search("75", "115");
  search.lengthen(-9);
  expect(search.minutes).toBe(5);
  search.lengthen(99);
  expect(search.minutes).toBe(240);
});

it("lifts the needs for a look and asks for them again, and a new word about them ends the look", async () => {
  const queries: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    queries.push(new URL(path, "http://test").searchParams.get("pets") ?? "-");
    return new Response(JSON.stringify(answer("a")));
  });
  const search = new Search("75", "115");
  search.type("1f a");
  await vi.advanceTimersByTimeAsync(200);
  search.widen();
  await vi.advanceTimersByTimeAsync(200);
  expect([search.isWide, search.wish.needs]).toEqual([true, ["pets"]]);
  search.type("1f a pmr");
  await vi.advanceTimersByTimeAsync(200);
  expect(search.isWide).toBe(false);
  expect(queries).toEqual(["1", "-", "1"]);
});
