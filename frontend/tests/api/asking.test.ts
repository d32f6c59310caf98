import { afterEach, expect, it, vi } from "vitest";
import { availabilityFor } from "../../src/api/availability";
import { activeHolds, createHold, extend, release } from "../../src/api/holds";
import { closeRequest, requestsOf } from "../../src/api/requests";
import { wireRow } from "../builders";

const ID = "0192f0c0-0000-7000-8000-000000000001";
const HOLD = {
  id: ID,
  code: "K7Q2",
  channel: "115",
  lines: [{ pool: "halte.women", places: 2 }],
  state: "active",
  expires_at: "2026-11-22T12:45:00.000Z",
  seq: 7,
  created_at: "2026-11-22T12:00:00.000Z",
  party: { women: 1, men: 0, children: 1 },
  ended_at: null,
  reason: null,
  arrived: null,
  statements: [],
  disputed: false,
};
const NEW = { id: ID, lines: HOLD.lines, minutes: 45, channel: "115" } as const;

afterEach(() => vi.unstubAllGlobals());

/** What the next fetch answers; what was fetched comes back. */
function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetched = vi.fn(
    async (_path: string, _init: RequestInit) =>
      new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers }),
  );
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

it("a hold is granted by 201, and told again by 200", async () => {
  const fetched = answering(201, { hold: HOLD, rows: [wireRow({ held: 2 })] });
  const granted = await createHold("75", NEW);
  expect(granted).toMatchObject({
    kind: "ok",
    isNew: true,
    value: { hold: { code: "K7Q2" }, rows: [{ held: 2 }] },
  });
  expect(fetched.mock.calls[0]?.[0]).toBe("/v1/territories/75/holds");
  expect(JSON.parse(String(fetched.mock.calls[0]?.[1].body))).toEqual(NEW);
  answering(200, { hold: HOLD, rows: [] });
  expect(await createHold("75", NEW)).toMatchObject({ kind: "ok", isNew: false });
});

it("a refusal brings what remains free, and how a hold had ended", async () => {
  const problem = { type: "/problems/no-free-place", title: "Not enough", status: 409, detail: "d" };
  answering(409, { ...problem, rows: [wireRow({ free: 1 })] });
  expect(await createHold("75", NEW)).toMatchObject({
    kind: "refused",
    status: 409,
    problem: { type: "/problems/no-free-place", rows: [{ free: 1 }], hold: null, again: false },
  });
  const ended = { ...HOLD, state: "released", reason: "pool_gone", ended_at: "2026-11-22T12:05:00.000Z" };
  answering(409, { ...problem, type: "/problems/hold-ended", hold: ended, rows: [], again: true });
  expect(await extend("75", ID, { id: ID, minutes: 15 })).toMatchObject({
    kind: "refused",
    problem: { hold: { reason: "pool_gone" }, again: true },
  });
});

it("nothing is taken for granted when the answer is lost, late, broken or not a hold", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("no network");
  });
  expect(await createHold("75", NEW)).toEqual({ kind: "unanswered", isReachable: false, retry_ms: null });
  answering(503, "", { "Retry-After": "2" });
  expect(await createHold("75", NEW)).toEqual({ kind: "unanswered", isReachable: true, retry_ms: 2000 });
  for (const body of ["<html>", { hold: { ...HOLD, code: 7 } }, { hold: HOLD, rows: "?" }, ""]) {
    answering(201, body);
    expect(await createHold("75", NEW)).toMatchObject({ kind: "unanswered" });
  }
});

it("a refusal by something in between is a refusal with a name", async () => {
  answering(403, "<html>Forbidden");
  expect(await release("75", ID, { id: ID, reason: "no_show" })).toMatchObject({
    kind: "refused",
    problem: { title: "Refusé par le serveur (403)" },
  });
});

it("names are quoted in addresses, and a search says only what was asked", async () => {
  const fetched = answering(200, { holds: [HOLD] });
  expect(await activeHolds("7/5", "a b")).toMatchObject({ kind: "ok", value: [{ code: "K7Q2" }] });
  expect(fetched.mock.calls[0]?.[0]).toBe("/v1/territories/7%2F5/holds?site=a+b");
  const searched = answering(200, { options: [], server_time: "2026-11-22T12:00:00.000Z", searched: 3 });
  const search = {
    party: { women: 1, men: 0, children: 2 },
    needs: ["pets"],
    channel: "115",
    near: { lat: 48.85, lon: 2.35 },
    limit: 20,
  } as const;
  expect(await availabilityFor("75", search)).toMatchObject({ kind: "ok", value: { searched: 3 } });
  expect(searched.mock.calls[0]?.[0]).toBe(
    "/v1/territories/75/availability?women=1&men=0&children=2&channel=115&limit=20&pets=1&near=48.85%2C2.35",
  );
});

it("a request that another operator closed first comes back as it stands", async () => {
  const request = {
    id: ID,
    seq: 9,
    opened_at: "2026-11-22T12:00:00.000Z",
    party: { women: 1 },
    needs: ["pets"],
    channel: "115",
    area: null,
    state: "unmet",
    reason: "no_place",
    hold: null,
    household: "5d0f",
  };
  answering(409, { type: "/problems/request-closed", title: "Closed", status: 409, detail: "d", request });
  expect(await closeRequest("75", ID, { id: ID, outcome: "unmet", reason: "other" })).toMatchObject({
    kind: "refused",
    problem: { request: { state: "unmet", reason: "no_place", party: { women: 1, men: 0, children: 0 } } },
  });
  const summary = {
    requests: 3,
    households: 2,
    persons: 4,
    open: 1,
    oriented: 1,
    unmet: { no_place: 1 },
    empty_searches: 5,
  };
  answering(200, { night: "2026-11-22", requests: [request], summary });
  const night = await requestsOf("75", null);
  expect(night.kind === "ok" && night.value.summary.unmet.get("no_place")).toBe(1);
});
