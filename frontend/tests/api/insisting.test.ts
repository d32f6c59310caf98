import { expect, it } from "vitest";
import type { Answer } from "../../src/api/asking";
import { insist } from "../../src/api/insisting";
import { HandClock } from "../builders";

const LOST: Answer<string> = { kind: "unanswered", isReachable: false, retry_ms: null };
const BUSY: Answer<string> = { kind: "unanswered", isReachable: true, retry_ms: 30_000 };
const YES: Answer<string> = { kind: "ok", value: "K7Q2", isNew: true };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function sender(...answers: Answer<string>[]) {
  const clock = new HandClock();
  let sent = 0;
  const insistence = insist({ clock, random: () => 0.5 }, async () => answers[sent++] ?? LOST);
  return { clock, insistence, times: () => sent };
}

it("sends again until there is an answer, and then no more", async () => {
  const { clock, insistence, times } = sender(LOST, LOST, YES);
  for (let passed = 0; passed < 60; passed += 1) {
    await settled();
    clock.pass(1_000);
  }
  expect(await insistence.decided).toEqual(YES);
  expect(times()).toBe(3);
});

it("takes a refusal for an answer", async () => {
  const no: Answer<string> = {
    kind: "refused",
    status: 409,
    problem: { type: "/p", title: "No", detail: null },
  };
  expect(await sender(no).insistence.decided).toEqual(no);
});

it("waits as long as the service asks, unless it is told to hurry", async () => {
  const { clock, insistence, times } = sender(BUSY, YES);
  await settled();
  clock.pass(29_000);
  await settled();
  expect(times()).toBe(1);
  insistence.hurry();
  expect(await insistence.decided).toEqual(YES);
});

it("ends without an answer when it is given up", async () => {
  const { clock, insistence, times } = sender(LOST);
  await settled();
  insistence.stop();
  expect(await insistence.decided).toBeNull();
  clock.pass(60_000);
  await settled();
  expect(times()).toBe(1);
});
