import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";
import type { Traffic } from "../../src/outbox/courier";
import { openOutbox } from "../../src/outbox/outbox";
import { type Answer, meaningOf } from "../../src/outbox/post";
import type { Entry, Saying } from "../../src/outbox/queue";
import { memoryShelf, openShelf, type Shelf } from "../../src/outbox/shelf";
import type { Report } from "../../src/wire/reports";
import { HandClock } from "../builders";

const ARRIVAL: Saying & { statement: { type: "movement"; pool: string; delta: number } } = {
  territory: "75",
  site: "halte",
  statement: { type: "movement", pool: "halte.women", delta: 1 },
  seen: null,
};
const LATER: Answer = { kind: "later", isReachable: false, retry_ms: null };
const applied = (reports: readonly Report[]): Answer => ({
  kind: "answered",
  outcomes: new Map(reports.map(({ id }) => [id, { id, outcome: "applied" }])),
});

class World {
  readonly clock = new HandClock();
  readonly posted: { ids: string[]; sent_ms: number }[] = [];
  entries: readonly Entry[] = [];
  traffic: Traffic[] = [];
  underWay: number[] = [];
  done: string[] = [];
  answer: (reports: readonly Report[]) => Answer | Promise<Answer> = applied;
  #ids = 0;

  constructor(readonly shelf: Shelf<Entry> = memoryShelf()) {}

  open() {
    return openOutbox(
      {
        shelf: this.shelf,
        clock: this.clock,
        random: () => 1,
        newId: () => `id-${String(++this.#ids).padStart(3, "0")}`,
        post: async (_, reports, sent_ms) => {
          this.posted.push({ ids: reports.map(({ id }) => id), sent_ms });
          return this.answer(reports);
        },
      },
      {
        onEntries: (entries) => {
          this.entries = entries;
        },
        onTraffic: (traffic) => this.traffic.push(traffic),
        onUnderWay: (count) => this.underWay.push(count),
        onDone: (done) => this.done.push(...done.map(({ id }) => id)),
      },
    );
  }

  idle = () => vi.waitFor(() => expect(this.traffic.at(-1)).not.toBe("sending"));
  isEmpty = () => vi.waitFor(() => expect(this.entries).toHaveLength(0));
}

describe("the outbox", () => {
  it("keeps a tap, sends it, and forgets it when it is answered", async () => {
    const world = new World();
    await world.open().tell(ARRIVAL);
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"]]);
    expect(world.done).toEqual(["id-001"]);
  });

  it("resends with the same id and a new sent_at until it is answered, waiting longer each time", async () => {
    const world = new World();
    world.answer = () => LATER;
    await world.open().tell(ARRIVAL);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    world.clock.pass(1_000);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([2_000]));
    world.answer = applied;
    world.clock.pass(2_000);
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"], ["id-001"], ["id-001"]]);
    expect(world.posted.map(({ sent_ms }) => sent_ms - (world.posted[0]?.sent_ms ?? 0))).toEqual([
      0, 1_000, 3_000,
    ]);
    expect(world.traffic).toContain("offline");
  });

  it("has one batch on its way at a time and sends later taps after it, in order", async () => {
    const world = new World();
    let answer: (given: Answer) => void = () => {};
    world.answer = () => new Promise((resolve) => (answer = resolve));
    const outbox = world.open();
    await outbox.tell(ARRIVAL);
    await outbox.tell(ARRIVAL);
    await outbox.tell(ARRIVAL);
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"]]);
    world.answer = applied;
    answer({ kind: "answered", outcomes: new Map([["id-001", { id: "id-001", outcome: "applied" }]]) });
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"], ["id-002", "id-003"]]);
  });

  it("keeps a refused report in sight until it is dismissed, and does not send it again", async () => {
    const world = new World();
    world.answer = ([report]) => ({
      kind: "answered",
      outcomes: new Map([
        [
          report?.id ?? "",
          {
            id: report?.id ?? "",
            outcome: "rejected",
            problem: { type: "/problems/unknown-pool", title: "", detail: null },
            row: null,
          },
        ],
      ]),
    });
    const outbox = world.open();
    await outbox.tell(ARRIVAL);
    await vi.waitFor(() => expect(world.entries.map(({ state }) => state)).toEqual(["refused"]));
    outbox.wake();
    await world.idle();
    expect(world.posted).toHaveLength(1);
    await outbox.dismiss("id-001");
    expect(world.entries).toEqual([]);
  });

  it("sends one by one when a whole body is refused, so that one bad report stops no other", async () => {
    const world = new World();
    const refusal: Answer = {
      kind: "refused",
      problem: { type: "/problems/invalid-body", title: "", detail: null },
    };
    world.answer = () => LATER;
    const outbox = world.open();
    for (let tap = 0; tap < 3; tap += 1) await outbox.tell(ARRIVAL);
    await vi.waitFor(() => expect(world.traffic.at(-1)).toBe("offline"));
    world.answer = (reports) => (reports.some(({ id }) => id === "id-002") ? refusal : applied(reports));
    outbox.wake();
    await vi.waitFor(() => expect(world.done).toEqual(["id-001", "id-003"]));
    expect(world.entries.map(({ id, state }) => [id, state])).toEqual([["id-002", "refused"]]);
  });

  it("goes one by one while the server is out of reach, and in batches again once they get through", async () => {
    const world = new World();
    world.answer = () => LATER;
    const outbox = world.open();
    for (let tap = 0; tap < 6; tap += 1) await outbox.tell(ARRIVAL);
    await vi.waitFor(() => expect(world.traffic.at(-1)).toBe("offline"));
    world.posted.length = 0;
    world.answer = applied;
    outbox.wake();
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids.length)).toEqual([1, 2, 3]);
  });

  it("says how many are on their way, and that none is any more", async () => {
    const world = new World();
    await world.open().tell(ARRIVAL);
    await world.isEmpty();
    expect(world.underWay).toEqual([1, 0]);
  });

  it("waits as long as the server asks", async () => {
    const world = new World();
    world.answer = () => ({ kind: "later", isReachable: true, retry_ms: 30_000 });
    await world.open().tell(ARRIVAL);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([30_000]));
    expect(world.traffic.at(-1)).toBe("waiting");
  });

  it("tries again when the shelf itself fails, and the same id makes that harmless", async () => {
    const shelf = memoryShelf<Entry>();
    let isBroken = true;
    const world = new World({
      ...shelf,
      remove: async (ids) => {
        if (isBroken) throw new Error("quota");
        await shelf.remove(ids);
      },
    });
    await world.open().tell(ARRIVAL);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    isBroken = false;
    world.clock.pass(1_000);
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"], ["id-001"]]);
  });

  it("sends after a reload what an earlier visit left on the device", async () => {
    const before = new World(await openShelf("outbox"));
    before.answer = () => LATER;
    const left = before.open();
    await left.tell(ARRIVAL);
    await vi.waitFor(() => expect(before.traffic.at(-1)).toBe("offline"));
    left.stop();
    const after = new World(await openShelf("outbox"));
    expect(after.shelf.isLasting).toBe(true);
    after.open();
    await vi.waitFor(() => expect(after.done).toEqual(["id-001"]));
    expect(await after.shelf.all()).toEqual([]);
  });
});

describe("taking back", () => {
  it("takes away what has never left the device, so that nobody ever hears of it", async () => {
    const world = new World();
    let answer: (given: Answer) => void = () => {};
    world.answer = () => new Promise((resolve) => (answer = resolve));
    const outbox = world.open();
    await outbox.tell(ARRIVAL);
    await vi.waitFor(() => expect(world.posted).toHaveLength(1));
    const id = await outbox.tell(ARRIVAL);
    expect(await outbox.withdraw(id)).toBe(true);
    world.answer = applied;
    answer(applied([{ ...ARRIVAL.statement, id: "id-001", observed_at: "" }]));
    await world.isEmpty();
    expect(world.posted.map(({ ids }) => ids)).toEqual([["id-001"]]);
  });

  it.each(["memory", "lasting"])(
    "does not take away what the server may have, on a %s shelf",
    async (kind) => {
      const world = new World(kind === "memory" ? memoryShelf() : await openShelf("outbox"));
      world.answer = () => LATER;
      const outbox = world.open();
      const id = await outbox.tell(ARRIVAL);
      await vi.waitFor(() => expect(world.traffic.at(-1)).toBe("offline"));
      expect(await outbox.withdraw(id)).toBe(false);
      expect((await world.shelf.all()).map((entry) => entry.id)).toEqual([id]);
      await world.shelf.remove([id]);
    },
  );

  it("is for once only", async () => {
    const world = new World();
    const outbox = world.open();
    const id = await outbox.tell(ARRIVAL);
    await world.isEmpty();
    expect(await outbox.withdraw(id)).toBe(false);
  });

  it("tells the opposite of the very same moment", async () => {
    const world = new World();
    world.answer = () => LATER;
    const outbox = world.open();
    await outbox.tell(ARRIVAL);
    await vi.waitFor(() => expect(world.entries).toHaveLength(1));
    const [tap] = world.entries;
    world.clock.pass(5_000);
    await outbox.tell({ ...ARRIVAL, statement: { ...ARRIVAL.statement, delta: -1 } }, tap?.tapped_ms);
    expect(new Set(world.entries.map(({ tapped_ms }) => tapped_ms)).size).toBe(1);
  });
});

describe("what an answer means", () => {
  it("is read from its status", () => {
    const results = JSON.stringify({ results: [{ id: "a", outcome: "applied", seq: 3, row: {} }] });
    expect(meaningOf(200, null, results).kind).toBe("answered");
    expect(meaningOf(503, "7", "")).toEqual({ kind: "later", isReachable: true, retry_ms: 7_000 });
    expect(meaningOf(500, null, "").kind).toBe("later");
    expect(meaningOf(401, null, "").kind).toBe("later");
    expect(meaningOf(422, null, '{"type":"/problems/invalid-body","title":"t"}')).toEqual({
      kind: "refused",
      problem: { type: "/problems/invalid-body", title: "t", detail: null },
    });
    expect(meaningOf(413, null, "<html>").kind).toBe("refused");
  });

  it("is kept for later when a 200 is not an answer at all, as from a café's login page", () => {
    expect(meaningOf(200, null, "<html>").kind).toBe("later");
  });
});
