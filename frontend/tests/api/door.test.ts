import { afterEach, expect, it, vi } from "vitest";
import { ask, readPlainRefusal } from "../../src/api/asking";
import { whenShut } from "../../src/feed/door";
import { post } from "../../src/outbox/post";

const question = {
  path: "/v1/x",
  read: () => ({ kind: "ok", value: 1 }) as const,
  readRefusal: readPlainRefusal,
};
const answer = (status: number, slug: string) =>
  vi.stubGlobal(
    "fetch",
    async () => new Response(JSON.stringify({ type: `/problems/${slug}`, title: slug }), { status }),
  );

afterEach(() => vi.unstubAllGlobals());

it("keeps what was asked while nobody is signed in, and tells the door", async () => {
  let shut = 0;
  const undo = whenShut(() => (shut += 1));
  answer(401, "not-signed-in");
  expect((await ask(question)).kind).toBe("unanswered");
  expect((await post("75", [], 0)).kind).toBe("later");
  undo();
  await ask(question);
  expect(shut).toBe(2);
});

it("does not take a wrong password for a closed door", async () => {
  let shut = 0;
  const undo = whenShut(() => (shut += 1));
  answer(401, "wrong-credentials");
  expect((await ask(question)).kind).toBe("refused");
  undo();
  expect(shut).toBe(0);
});

it("takes an answer without a body for done", async () => {
  vi.stubGlobal("fetch", async () => new Response(null, { status: 204 }));
  expect((await ask(question)).kind).toBe("ok");
});
