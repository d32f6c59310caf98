import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/api/asking";
import { Polled } from "../../src/store/polled.svelte";
import { HandClock } from "../builders";

/** Questions that are answered by hand. */
class Service {
  readonly open: ((answer: Answer<string>) => void)[] = [];
  asked = 0;

  ask = (): Promise<Answer<string>> => {
    this.asked += 1;
    return new Promise((resolve) => this.open.push(resolve));
  };

  async answer(value: string): Promise<void> {
    this.open.shift()?.({ kind: "ok", value, isNew: false });
    await Promise.resolve();
    await Promise.resolve();
  }
}

function polled() {
  const [clock, service] = [new HandClock(), new Service()];
  const list = new Polled(service.ask, 15_000, clock);
  list.start();
  return { clock, service, list };
}

describe("what is asked for again and again", () => {
  it("asks once more when something happened while the answer was on its way", async () => {
    const { clock, service, list } = polled();
    list.soon();
    await service.answer("older than what happened");
    clock.pass(400);
    expect(service.asked).toBe(2);
    await service.answer("newer");
    expect(list.value).toBe("newer");
  });

  it("hears a slow answer out, however much happens meanwhile", async () => {
    const { clock, service, list } = polled();
    for (let second = 0; second < 10; second += 1) {
      clock.pass(1_000);
      list.soon();
    }
    await service.answer("slow");
    expect([list.value, service.asked]).toEqual(["slow", 1]);
  });

  it("does not hear an answer that is older than what the service told itself", async () => {
    const { clock, service, list } = polled();
    list.tell("told");
    await service.answer("old");
    expect(list.value).toBe("told");
    clock.pass(400);
    expect(service.asked).toBe(2);
  });

  it("asks by itself again and again", async () => {
    const { clock, service } = polled();
    await service.answer("first");
    clock.pass(15_000);
    expect(service.asked).toBe(2);
  });
});
