/**
 * Carries what this device has to say of holds to the server, one errand at a time, until each is answered.
 *
 * The shelf is the truth: read before each errand, and again after its answer, since a person may have tapped
 * meanwhile. Ids make every resend harmless (law 4).
 */

import type { HoldReply } from "../api/holds";
import type { Clock } from "../feed/waits";
import { openCourier, type Round, type Traffic } from "../outbox/courier";
import type { Shelf } from "../outbox/shelf";
import type { NewHold } from "../wire/holds";
import {
  afterAsking,
  afterLook,
  afterTelling,
  type Errand,
  errandOf,
  type HoldRecord,
  isForgotten,
  nextDue,
  recordOf,
  type Telling,
  type Told,
  type Wish,
} from "./records";

/** The verbs of the service that an errand may need. */
export interface HoldServer {
  create(territory: string, hold: Omit<NewHold, "channel">): Promise<HoldReply>;
  look(territory: string, hold_id: string): Promise<HoldReply>;
  tell(territory: string, hold_id: string, told: Told): Promise<HoldReply>;
}

export interface HoldingTools {
  readonly shelf: Shelf<HoldRecord>;
  readonly server: HoldServer;
  readonly clock: Clock;
  random(): number;
  newId(): string;
}

export interface HoldingListener {
  onRecords(records: readonly HoldRecord[]): void;
  onTraffic(traffic: Traffic): void;
  /** The server took what was told. */
  onTold(): void;
}

export interface Holding {
  /** Kept on the device when this resolves, and asked for; held only once the server says so. */
  ask(wish: Wish): Promise<void>;
  /** Something to say of a hold; `record` may be new to this device. */
  tell(record: HoldRecord, telling: Telling): Promise<void>;
  /** Takes back what was told, if it has not gone yet. */
  undo(id: string): Promise<void>;
  /** A wish without an answer is wanted no more: if it was granted after all, it is released. */
  giveUp(id: string): Promise<void>;
  dismiss(id: string): Promise<void>;
  /** The id under which this record's address is asked for, the same at each asking: kept when this resolves. */
  addressId(id: string): Promise<string>;
  /** What the server says of these holds may have changed. */
  doubt(ids: readonly string[]): void;
  wake(): void;
  stop(): void;
}

export function openHolding(tools: HoldingTools, listener: HoldingListener): Holding {
  const { shelf, server, clock, random } = tools;
  const doubted = new Set<string>();
  /** How often an errand went unanswered: one that never succeeds lets the others go before it. */
  const tries = new Map<string, number>();
  const courier = openCourier({ clock, random, round, onTraffic: listener.onTraffic });

  async function show(): Promise<readonly HoldRecord[]> {
    const records = (await shelf.all()).sort((one, other) => (one.id < other.id ? -1 : 1));
    listener.onRecords(records);
    return records;
  }

  async function round(): Promise<Round> {
    const now_ms = clock.now();
    const over = (await shelf.all()).filter((record) => isForgotten(record, now_ms));
    if (over.length > 0) await shelf.remove(over.map(({ id }) => id));
    const records = await show();
    const [next] = records
      .flatMap((record) => {
        const errand = errandOf(record, now_ms, doubted.has(record.id));
        return errand === null ? [] : [{ record, errand }];
      })
      .sort((one, other) => (tries.get(one.record.id) ?? 0) - (tries.get(other.record.id) ?? 0));
    if (next === undefined) return { kind: "idle", next_ms: nextDue(records, now_ms) };
    listener.onTraffic("sending");
    return run(next.record, next.errand);
  }

  async function run(record: HoldRecord, errand: Errand): Promise<Round> {
    // Before the question: a doubt that comes while it is on its way asks again.
    doubted.delete(record.id);
    const reply = await said(record, errand);
    if (reply.kind === "unanswered") {
      tries.set(record.id, (tries.get(record.id) ?? 0) + 1);
      if (errand === "look") doubted.add(record.id);
      return { kind: "later", isReachable: reply.isReachable, retry_ms: reply.retry_ms };
    }
    tries.delete(record.id);
    if (errand === "tell" && reply.kind === "ok") listener.onTold();
    const present = (await shelf.all()).find(({ id }) => id === record.id);
    const next = present === undefined ? null : after(present, record.told, errand, reply);
    if (next !== null) await shelf.put([next]);
    else await shelf.remove([record.id]);
    return { kind: "more" };
  }

  function said(record: HoldRecord, errand: Errand): Promise<HoldReply> {
    const { id, territory, lines, minutes, party, told } = record;
    if (errand === "ask") {
      return server.create(territory, { id, lines, minutes, ...(party === null ? {} : { party }) });
    }
    if (errand === "tell" && told !== null) return server.tell(territory, id, told);
    if (errand === "look") return server.look(territory, id);
    const leaving: Told = {
      id: tools.newId(),
      telling: { verb: "release", reason: "cancelled" },
      tapped_ms: clock.now(),
    };
    return server.tell(territory, id, leaving);
  }

  function after(
    present: HoldRecord,
    told: Told | null,
    errand: Errand,
    reply: Exclude<HoldReply, { kind: "unanswered" }>,
  ): HoldRecord | null {
    // Whatever the answer, nothing of a hold that was given up is ours any more.
    if (errand === "leave") return null;
    if (errand === "ask") return afterAsking(present, reply);
    if (errand === "look") return afterLook(present, reply);
    if (told === null) return present;
    const next = afterTelling(present, told, reply, clock.now(), tools.newId());
    // What was tapped while this one was on its way is still to be said.
    return present.told?.id === told.id ? next : { ...next, told: present.told };
  }

  async function change(id: string, changed: (record: HoldRecord) => HoldRecord): Promise<void> {
    const record = (await shelf.all()).find((one) => one.id === id);
    if (record !== undefined) await put(changed(record));
  }

  async function put(record: HoldRecord): Promise<void> {
    await shelf.put([record]);
    await show();
    courier.ask();
  }

  courier.ask();
  return {
    ask: (wish) => put(recordOf(tools.newId(), wish, clock.now())),
    tell: (record, telling) =>
      put({ ...record, told: { id: tools.newId(), telling, tapped_ms: clock.now() }, problem: null }),
    undo: (id) =>
      change(id, (record) =>
        record.told === null || errandOf(record, clock.now(), false) === "tell"
          ? record
          : { ...record, told: null },
      ),
    giveUp: (id) =>
      change(id, (record) => (record.state === "asking" ? { ...record, state: "leaving" } : record)),
    dismiss: async (id) => {
      await shelf.remove([id]);
      await show();
    },
    addressId: async (id) => {
      const address_id = (await shelf.all()).find((one) => one.id === id)?.address_id ?? tools.newId();
      await change(id, (record) => ({ ...record, address_id }));
      return address_id;
    },
    doubt: (ids) => {
      const fresh = ids.filter((id) => !doubted.has(id));
      for (const id of fresh) doubted.add(id);
      if (fresh.length > 0) courier.ask();
    },
    wake: courier.wake,
    stop: courier.stop,
  };
}
