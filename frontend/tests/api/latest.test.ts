import { expect, it } from "vitest";
import { latestOnly } from "../../src/api/latest";
import { HandClock } from "../builders";

/** Questions that are answered by hand, in any order. */
function asker() {
  const clock = new HandClock();
  const asked: { question: string; signal: AbortSignal; answer: (reply: string) => void }[] = [];
  const replies: string[] = [];
  const latest = latestOnly<string, string>({
    clock,
    ask: (question, signal) => new Promise((answer) => asked.push({ question, signal, answer })),
    onReply: (question, reply) => replies.push(`${question}: ${reply}`),
  });
  return { clock, asked, replies, latest };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("asks once for what was typed in one breath", () => {
  const { clock, asked, latest } = asker();
  for (const words of ["1", "1f", "1f 2e"]) {
    latest.ask(words, 150);
    clock.pass(100);
  }
  expect(asked).toHaveLength(0);
  clock.pass(50);
  expect(asked.map(({ question }) => question)).toEqual(["1f 2e"]);
});

it("lets no answer to an earlier question through, even when it comes last", async () => {
  const { asked, replies, latest } = asker();
  latest.ask("1f", 0);
  latest.ask("1f 2e", 0);
  expect(asked[0]?.signal.aborted).toBe(true);
  asked[1]?.answer("new");
  await settled();
  asked[0]?.answer("old");
  await settled();
  expect(replies).toEqual(["1f 2e: new"]);
});

it("lets nothing through once nothing is wanted", async () => {
  const { clock, asked, replies, latest } = asker();
  latest.ask("1f", 0);
  latest.drop();
  asked[0]?.answer("too late");
  latest.ask("2h", 150);
  latest.drop();
  clock.pass(1_000);
  await settled();
  expect([replies, asked.length]).toEqual([[], 1]);
});
