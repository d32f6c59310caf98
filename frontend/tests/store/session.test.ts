import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { shutDoor } from "../../src/feed/door";
import { Session } from "../../src/store/session.svelte";

const SIGNED_IN = {
  signed_in: true,
  kind: "session",
  id: "s1",
  label: "Firefox",
  email: "a@115.example",
  needs: [] as string[],
  grants: [{ territory: "75", role: "operator", sites: [] }],
  expires_at: null,
};
const NOBODY = { signed_in: false, grants: [] };

let answer: object | null;
let asked: string[];
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal("document", { addEventListener() {}, removeEventListener() {}, visibilityState: "visible" });
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
  asked = [];
  vi.stubGlobal("fetch", async (path: string, { method }: { method: string }) => {
    asked.push(`${method} ${path}`);
    if (answer === null) throw new TypeError("no network");
    return method === "POST" ? new Response(null, { status: 204 }) : new Response(JSON.stringify(answer));
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function opened(): Promise<Session> {
  const session = new Session();
  stop = session.start();
  await vi.advanceTimersByTimeAsync(0);
  return session;
}

it("knows without a network who was here last", async () => {
  answer = SIGNED_IN;
  await opened();
  stop();
  answer = null;
  const session = await opened();
  expect([session.state, session.grantIn("75")?.role]).toEqual(["unreachable", "operator"]);
});

it("shows the door when the service knows nobody any more, and opens it by itself", async () => {
  answer = SIGNED_IN;
  const session = await opened();
  answer = NOBODY;
  shutDoor();
  await vi.advanceTimersByTimeAsync(2_000);
  expect([session.isShut, session.who]).toEqual([true, null]);
  answer = SIGNED_IN;
  await session.refresh();
  expect([session.isShut, session.grantIn("75")?.role]).toEqual([false, "operator"]);
});

it("asks once for a hundred closed doors", async () => {
  answer = NOBODY;
  await opened();
  for (let times = 0; times < 100; times += 1) shutDoor();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked.filter((one) => one === "GET /v1/session")).toHaveLength(2);
});

it("gives nothing to who must first set a second factor", async () => {
  answer = { ...SIGNED_IN, needs: ["totp"] };
  expect((await opened()).grantIn("75")).toBeNull();
});

it("changes the secret of a session that is older than a day, once", async () => {
  answer = SIGNED_IN;
  const session = await opened();
  expect(asked).not.toContain("POST /v1/session/rotation");
  await vi.advanceTimersByTimeAsync(25 * 3_600_000);
  await session.refresh();
  await session.refresh();
  expect(asked.filter((one) => one === "POST /v1/session/rotation")).toHaveLength(1);
});
