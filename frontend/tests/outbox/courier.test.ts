import { describe, expect, it, vi } from "vitest";
import { openCourier, type Round, type Traffic } from "../../src/outbox/courier";
import { HandClock } from "../builders";

const UNREACHED: Round = { kind: "later", isReachable: false, retry_ms: null };

function opened(rounds: Round[]) {
  const clock = new HandClock();
  const traffic: Traffic[] = [];
  let gone = 0;
  const courier = openCourier({
    clock,
    random: () => 1,
    round: async () => rounds[gone++] ?? { kind: "idle" },
    onTraffic: (now) => traffic.push(now),
  });
  return { clock, traffic, courier, gone: () => gone };
}

describe("the courier", () => {
  it("goes on while there is more", async () => {
    const world = opened([{ kind: "more" }, { kind: "more" }]);
    world.courier.ask();
    await vi.waitFor(() => expect(world.traffic).toEqual(["idle"]));
    expect(world.gone()).toBe(3);
  });

  it("goes again when something falls due", async () => {
    const world = opened([{ kind: "idle", next_ms: new HandClock().now() + 5_000 }]);
    world.courier.ask();
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(4_999);
    expect(world.gone()).toBe(1);
    world.clock.pass(1);
    await vi.waitFor(() => expect(world.gone()).toBe(2));
  });

  it("waits longer each time, until someone wakes it or the server decides something", async () => {
    const world = opened([UNREACHED, UNREACHED, UNREACHED, { kind: "more" }, UNREACHED]);
    world.courier.ask();
    for (const wait_ms of [1_000, 2_000]) {
      await vi.waitFor(() => expect(world.clock.waits).toEqual([wait_ms]));
      world.clock.pass(wait_ms);
    }
    await vi.waitFor(() => expect(world.clock.waits).toEqual([4_000]));
    world.courier.wake();
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    expect(world.gone()).toBe(5);
  });

  it("never goes twice at once, and looks again for what was put meanwhile", async () => {
    const clock = new HandClock();
    let [going, most, gone] = [0, 0, 0];
    const courier = openCourier({
      clock,
      random: () => 1,
      round: async () => {
        gone += 1;
        most = Math.max(most, ++going);
        await Promise.resolve();
        going -= 1;
        return { kind: "idle" };
      },
      onTraffic: () => {},
    });
    courier.ask();
    courier.ask();
    courier.ask();
    await vi.waitFor(() => expect(gone).toBe(2));
    expect(most).toBe(1);
  });

  it("does nothing once stopped", async () => {
    const world = opened([UNREACHED]);
    world.courier.ask();
    await vi.waitFor(() => expect(world.clock.waits).toHaveLength(1));
    world.courier.stop();
    world.courier.ask();
    world.clock.pass(60_000);
    expect(world.gone()).toBe(1);
  });
});
