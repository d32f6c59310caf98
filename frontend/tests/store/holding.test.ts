import { describe, expect, it, vi } from "vitest";
import type { HoldReply } from "../../src/api/holds";
import type { Traffic } from "../../src/outbox/courier";
import { memoryShelf } from "../../src/outbox/shelf";
import { openHolding } from "../../src/store/holding";
import { type HoldRecord, recordOfHold, type Told, type Wish } from "../../src/store/records";
import type { Hold, HoldRefusal } from "../../src/wire/holds";
import { HandClock, NOON } from "../builders";

const MINUTE = 60_000;
const WISH: Wish = {
  territory: "75",
  site: { id: "halte", name: "Halte", phone: "0199001234", address: null },
  lines: [{ pool: "halte.women", places: 2 }],
  party: { women: 1, men: 0, children: 1 },
  minutes: 45,
};
const hold = (changes: Partial<Hold> = {}): Hold => ({
  id: "id-001",
  code: "K7Q2",
  channel: "maraude",
  lines: WISH.lines,
  state: "active",
  expires_ms: NOON + 45 * MINUTE,
  seq: 7,
  created_ms: NOON,
  party: WISH.party,
  ended_ms: null,
  reason: null,
  arrived: null,
  statements: [],
  disputed: false,
  acceptance: null,
  ...changes,
});
const ok = (changes: Partial<Hold> = {}): HoldReply => ({
  kind: "ok",
  value: { hold: hold(changes), rows: [] },
  isNew: true,
});
const refused = (type: string, changes: Partial<HoldRefusal> = {}): HoldReply => ({
  kind: "refused",
  status: 409,
  problem: { type, title: type, detail: null, hold: null, rows: [], again: false, ...changes },
});
const ended = (changes: Partial<Hold>): HoldReply =>
  refused("/problems/hold-ended", { hold: hold(changes), again: true });
const UNHEARD: HoldReply = { kind: "unanswered", isReachable: false, retry_ms: null };

class World {
  readonly clock = new HandClock();
  readonly shelf = memoryShelf<HoldRecord>();
  /** What the server was asked, in order: "create id-001", "look id-001", "release id-001 no_show". */
  readonly heard: string[] = [];
  records: readonly HoldRecord[] = [];
  traffic: Traffic[] = [];
  told = 0;
  create: () => HoldReply | Promise<HoldReply> = () => ok();
  look: () => HoldReply = () => ok();
  tell: (told: Told) => HoldReply | Promise<HoldReply> = () => ok({ state: "arrived" });
  #ids = 0;

  readonly holding = openHolding(
    {
      shelf: this.shelf,
      clock: this.clock,
      random: () => 1,
      newId: () => `id-${String(++this.#ids).padStart(3, "0")}`,
      server: {
        create: async (_, { id }) => {
          this.heard.push(`create ${id}`);
          return this.create();
        },
        look: async (_, id) => {
          this.heard.push(`look ${id}`);
          return this.look();
        },
        tell: async (_, id, told) => {
          const { telling } = told;
          const word =
            telling.verb === "release" ? telling.reason : telling.verb === "statement" ? telling.says : "";
          this.heard.push(`${telling.verb} ${id} ${word}`.trim());
          return this.tell(told);
        },
      },
    },
    {
      onRecords: (records) => {
        this.records = records;
      },
      onTraffic: (traffic) => this.traffic.push(traffic),
      onTold: () => {
        this.told += 1;
      },
    },
  );

  /** After the first round of an empty shelf, so that what follows is counted alone. */
  async ask(): Promise<void> {
    await vi.waitFor(() => expect(this.traffic).toContain("idle"));
    await this.holding.ask(WISH);
  }

  async held(): Promise<HoldRecord> {
    await this.ask();
    await this.state("held");
    return this.one();
  }

  one(): HoldRecord {
    const [record] = this.records;
    if (record === undefined) throw new Error("no record");
    return record;
  }

  state = (state: string) => vi.waitFor(() => expect(this.records.map((one) => one.state)).toEqual([state]));
  isEmpty = () => vi.waitFor(() => expect(this.records).toEqual([]));
  hears = (...words: string[]) => vi.waitFor(() => expect(this.heard).toEqual(words));
}

describe("asking for a hold", () => {
  it("is not held before the server says so", async () => {
    const world = new World();
    let answer: (reply: HoldReply) => void = () => {};
    world.create = () => new Promise((resolve) => (answer = resolve));
    await world.ask();
    await world.hears("create id-001");
    expect(world.one()).toMatchObject({ state: "asking", hold: null });
    answer(ok());
    await world.state("held");
    expect(world.one().hold?.code).toBe("K7Q2");
  });

  it("is asked again with the same id until there is an answer", async () => {
    const world = new World();
    world.create = () => UNHEARD;
    await world.ask();
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    expect(world.one().state).toBe("asking");
    world.create = () => ok();
    world.clock.pass(1_000);
    await world.state("held");
    expect(world.heard).toEqual(["create id-001", "create id-001"]);
  });

  it("says why not, and keeps saying it until a person has read it", async () => {
    const world = new World();
    world.create = () => refused("/problems/no-free-place");
    await world.ask();
    await world.state("refused");
    expect(world.one().problem?.type).toBe("/problems/no-free-place");
    await world.holding.dismiss("id-001");
    expect(await world.shelf.all()).toEqual([]);
  });

  it("only looks when nobody answered for so long that nobody stands there any more", async () => {
    const world = new World();
    world.create = () => UNHEARD;
    await world.ask();
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    world.look = () => refused("/problems/unknown-hold");
    world.clock.pass(11 * MINUTE);
    world.holding.wake();
    await world.state("refused");
    expect(world.heard.at(-1)).toBe("look id-001");
    expect(world.one().problem?.type).toBe("never-held");
  });

  it("releases what was granted after it was given up", async () => {
    const world = new World();
    let answer: (reply: HoldReply) => void = () => {};
    world.create = () => new Promise((resolve) => (answer = resolve));
    await world.ask();
    await world.hears("create id-001");
    await world.holding.giveUp("id-001");
    answer(ok());
    await world.isEmpty();
    expect(world.heard).toEqual(["create id-001", "release id-001 cancelled"]);
  });

  it("releases what was given up without an answer, and is content when it never was", async () => {
    const world = new World();
    world.create = () => UNHEARD;
    await world.ask();
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    world.tell = () => refused("/problems/unknown-hold");
    await world.holding.giveUp("id-001");
    await world.isEmpty();
    expect(world.heard).toEqual(["create id-001", "release id-001 cancelled"]);
  });
});

describe("telling how it ended", () => {
  it("waits five seconds, so that a wrong tap can be taken back", async () => {
    const world = new World();
    await world.holding.tell(await world.held(), { verb: "arrival", lines: null });
    world.clock.pass(4_999);
    expect(world.heard).toEqual(["create id-001"]);
    await world.holding.undo("id-001");
    world.clock.pass(60_000);
    expect(world.one()).toMatchObject({ state: "held", told: null });
    expect(world.heard).toEqual(["create id-001"]);
  });

  it("is sent then, told for a minute, and leaves by itself", async () => {
    const world = new World();
    await world.holding.tell(await world.held(), { verb: "arrival", lines: null });
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(5_000);
    await world.state("ended");
    expect(world.one()).toMatchObject({ told: null, problem: null });
    expect(world.told).toBe(1);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([60_000]));
    world.clock.pass(60_000);
    await world.isEmpty();
  });

  it("waits for the network, with the same id, and takes nothing back once it is on its way", async () => {
    const world = new World();
    const ids: string[] = [];
    world.tell = ({ id }) => {
      ids.push(id);
      return ids.length < 3 ? UNHEARD : ok({ state: "released", reason: "no_show" });
    };
    await world.holding.tell(await world.held(), { verb: "release", reason: "no_show" });
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(5_000);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    await world.holding.undo("id-001");
    expect(world.one().told).not.toBeNull();
    for (const _ of [1, 2]) world.holding.wake();
    await world.state("ended");
    expect(new Set(ids).size).toBe(1);
  });

  it("keeps our word when the hold had ended otherwise, and shows how", async () => {
    const world = new World();
    const record = await world.held();
    const over: Partial<Hold> = { state: "released", reason: "no_show" };
    world.tell = ({ telling }) =>
      telling.verb === "statement" ? ok({ ...over, disputed: true }) : ended(over);
    await world.holding.tell(record, { verb: "release", reason: "full_on_arrival" });
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(5_000);
    await vi.waitFor(() => expect(world.one().kept).toBe("full_on_arrival"));
    expect(world.heard.slice(1)).toEqual([
      "release id-001 full_on_arrival",
      "statement id-001 full_on_arrival",
    ]);
    expect(world.one()).toMatchObject({ state: "ended", over_ms: null, hold: { reason: "no_show" } });
  });

  it("remembers who came of a hold whose time was over, since no hold counts them", async () => {
    const world = new World();
    const record = await world.held();
    const over: Partial<Hold> = { state: "expired" };
    world.tell = ({ telling }) =>
      telling.verb === "statement" ? ok({ ...over, disputed: true }) : ended(over);
    const came = [{ pool: "halte.women", places: 1 }];
    await world.holding.tell(record, { verb: "arrival", lines: came });
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(5_000);
    await vi.waitFor(() => expect(world.one().kept).toBe("arrived"));
    expect(world.one()).toMatchObject({ state: "ended", came, hold: { state: "expired" } });
  });

  it("adds nothing when both sides said the same", async () => {
    const world = new World();
    const record = await world.held();
    world.tell = () => ended({ state: "arrived" });
    await world.holding.tell(record, { verb: "arrival", lines: null });
    await vi.waitFor(() => expect(world.clock.waits).toEqual([5_000]));
    world.clock.pass(5_000);
    await world.state("ended");
    expect(world.one()).toMatchObject({ told: null, hold: { state: "arrived" } });
    expect(world.heard).toHaveLength(2);
  });

  it("sends a second tap that came while the first was on its way", async () => {
    const world = new World();
    const record = await world.held();
    let answer: (reply: HoldReply) => void = () => {};
    world.tell = () => new Promise((resolve) => (answer = resolve));
    await world.holding.tell(record, { verb: "extension", minutes: 15 });
    await world.hears("create id-001", "extension id-001");
    await world.holding.tell(record, { verb: "extension", minutes: 15 });
    answer(ok());
    await world.hears("create id-001", "extension id-001", "extension id-001");
  });

  it("does not let one hold that never gets an answer stop the others", async () => {
    const world = new World();
    world.tell = () => UNHEARD;
    const poisoned = recordOfHold("75", hold({ id: "id-000" }), NOON);
    await world.holding.tell(poisoned, { verb: "statement", says: "arrived" });
    await vi.waitFor(() => expect(world.traffic).toContain("offline"));
    await world.holding.ask(WISH);
    await vi.waitFor(() => expect(world.heard.some((word) => word.startsWith("create"))).toBe(true));
  });
});

describe("a hold that may have ended meanwhile", () => {
  it("is looked at, once for each doubt", async () => {
    const world = new World();
    const { id } = await world.held();
    world.look = () => ok({ state: "expired", ended_ms: NOON });
    world.holding.doubt([id]);
    world.holding.doubt([id]);
    await world.state("ended");
    expect(world.heard).toEqual(["create id-001", "look id-001"]);
    expect(world.one()).toMatchObject({ over_ms: null, hold: { state: "expired" } });
  });

  it("stays as it was while nobody can be asked, and is looked at later", async () => {
    const world = new World();
    const { id } = await world.held();
    world.look = () => UNHEARD;
    world.holding.doubt([id]);
    await vi.waitFor(() => expect(world.clock.waits).toEqual([1_000]));
    expect(world.one().state).toBe("held");
    world.look = () => ok({ state: "expired" });
    world.clock.pass(1_000);
    await world.state("ended");
  });
});
