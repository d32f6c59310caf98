/**
 * The holds of a territory as an operator sees them, and the commands about them.
 *
 * Nothing here is granted before the service said so. A command without an answer is sent again with its id;
 * one that is given up is taken back, in case the service had taken it.
 */

import {
  accept,
  activeHolds,
  arrive,
  createHold,
  extend,
  type HoldReply,
  holdOf,
  release,
} from "../api/holds";
import { type Insistence, insist } from "../api/insisting";
import type { Board, Row } from "../board/board";
import { wallClock } from "../feed/waits";
import { newId } from "../outbox/ids";
import type { Channel, ReleaseReason } from "../vocabulary/holds";
import type { Party } from "../vocabulary/parties";
import type { Option } from "../wire/availability";
import type { Hold, HoldAnswer, HoldRefusal } from "../wire/holds";
import { Polled } from "./polled.svelte";

const AGAIN_MS = 15_000;
const DOUBTS_MOST = 5;
const TOOLS = { clock: wallClock, random: Math.random };

/** On its way: not held yet. */
export interface Asked {
  readonly id: string;
  readonly option: Option;
  readonly since_ms: number;
}

export interface Refused {
  readonly option: Option;
  readonly problem: HoldRefusal;
}

export interface Granted {
  readonly hold: Hold;
  readonly option: Option;
}

export interface Complaint {
  readonly hold_id: string;
  readonly problem: HoldRefusal;
}

export class Holds {
  readonly active: Polled<readonly Hold[]>;
  asked = $state.raw<Asked | null>(null);
  refused = $state.raw<Refused | null>(null);
  /** The newest of this page; it stays in sight until the operator puts it away. */
  granted = $state.raw<Granted | null>(null);
  /** Holds with a command under way. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  complaint = $state.raw<Complaint | null>(null);

  #territory: string;
  #channel: Channel;
  #looked: ReadonlyMap<string, Row> = new Map();
  /** How often in a row a list said something else than the board. */
  #doubts = 0;
  #underway = new Set<Insistence<HoldAnswer, HoldRefusal>>();
  #asking: Insistence<HoldAnswer, HoldRefusal> | null = null;

  constructor(territory: string, channel: Channel) {
    this.#territory = territory;
    this.#channel = channel;
    this.active = new Polled((signal) => activeHolds(territory, null, signal), AGAIN_MS);
  }

  start(): () => void {
    return this.active.start();
  }

  /**
   * A row that has changed may mean that a hold came or went. Two changes may be painted as one, so what the list
   * sums to counts too, not only what the row said before: a hold that came and went in between is in the list.
   */
  look(board: Board | null): void {
    const before = this.#looked;
    this.#looked = board?.rows ?? new Map();
    const listed = placesByPool(this.active.value ?? []);
    const moved = [...this.#looked.values()].filter(({ pool, seq }) => before.get(pool)?.seq !== seq);
    const isNews = (row: Row) =>
      row.held !== before.get(row.pool)?.held || row.held !== (listed.get(row.pool) ?? 0);
    const hasGone = [...before.keys()].some((pool) => !this.#looked.has(pool));
    if (!hasGone && !moved.some(isNews)) return;
    this.#doubts = 0;
    this.active.soon();
  }

  /**
   * A list that was on its way while the board moved may be older than it: `held` is always the sum of the active
   * holds (law 5). Asked again at once, but no more than a few times: some holds may not be shown to us. Call it
   * whenever `active` has a new value.
   */
  compare(): void {
    const listed = placesByPool(this.active.value ?? []);
    const agrees = [...this.#looked.values()].every(({ pool, held }) => held === (listed.get(pool) ?? 0));
    this.#doubts = agrees ? 0 : this.#doubts + 1;
    if (!agrees && this.#doubts <= DOUBTS_MOST) this.active.soon();
  }

  /**
   * Keeps the granted one true: another desk may have lengthened it, and one that has left the list has ended,
   * which only the service can say how. Call it whenever `active` has a new value.
   */
  async follow(): Promise<void> {
    const granted = this.granted;
    const active = this.active.value;
    if (granted === null || granted.hold.state !== "active" || active === null) return;
    const listed = active.find(({ id }) => id === granted.hold.id);
    if (listed !== undefined) {
      if (listed.seq > granted.hold.seq) this.granted = { ...granted, hold: listed };
      return;
    }
    const answer = await holdOf(this.#territory, granted.hold.id);
    if (answer.kind === "ok" && this.granted?.hold.id === granted.hold.id) {
      this.granted = { ...granted, hold: answer.value.hold };
    }
  }

  /** The network is back: no need to wait for the timers. */
  wake(): void {
    for (const insistence of this.#underway) insistence.hurry();
    this.active.soon();
  }

  /** The hold, once granted; null when it was refused or given up. One at a time. */
  async hold(option: Option, minutes: number, party: Party): Promise<Hold | null> {
    if (this.asked !== null) return null;
    const id = newId();
    const lines = option.lines.map(({ pool, places }) => ({ pool, places }));
    this.asked = { id, option, since_ms: Date.now() };
    this.refused = null;
    const asking = insist(TOOLS, (signal) =>
      createHold(this.#territory, { id, lines, minutes, party, channel: this.#channel }, signal),
    );
    this.#asking = asking;
    const decided = await this.#tracked(asking);
    this.asked = null;
    this.#asking = null;
    if (decided === null) {
      void this.#undo(id);
      return null;
    }
    if (decided.kind === "refused") {
      this.refused = { option, problem: decided.problem };
      return null;
    }
    const { hold } = decided.value;
    this.#told(hold);
    this.granted = { hold, option };
    return hold;
  }

  /** The operator does not wait any longer: whatever the service took of it is given back. */
  giveUp(): void {
    this.#asking?.stop();
  }

  extend(hold: Hold, minutes: number): Promise<void> {
    return this.#act(hold, (id, signal) => extend(this.#territory, hold.id, { id, minutes }, signal));
  }

  release(hold: Hold, reason: ReleaseReason): Promise<void> {
    return this.#act(hold, (id, signal) => release(this.#territory, hold.id, { id, reason }, signal));
  }

  accept(hold: Hold): Promise<void> {
    return this.#act(hold, (id, signal) => accept(this.#territory, hold.id, { id }, signal));
  }

  arrive(hold: Hold): Promise<void> {
    return this.#act(hold, (id, signal) => arrive(this.#territory, hold.id, { id }, signal));
  }

  async #act(hold: Hold, send: (id: string, signal: AbortSignal) => Promise<HoldReply>): Promise<void> {
    if (this.busy.has(hold.id)) return;
    this.busy = new Set([...this.busy, hold.id]);
    this.complaint = null;
    const id = newId();
    const decided = await this.#tracked(insist(TOOLS, (signal) => send(id, signal)));
    this.busy = new Set([...this.busy].filter((other) => other !== hold.id));
    if (decided?.kind === "ok") this.#told(decided.value.hold);
    if (decided?.kind !== "refused") return;
    if (decided.problem.hold !== null) this.#told(decided.problem.hold);
    this.complaint = { hold_id: hold.id, problem: decided.problem };
  }

  #undo(hold_id: string): Promise<unknown> {
    const id = newId();
    const back = { id, reason: "cancelled" } as const;
    return this.#tracked(insist(TOOLS, (signal) => release(this.#territory, hold_id, back, signal)));
  }

  async #tracked(insistence: Insistence<HoldAnswer, HoldRefusal>) {
    this.#underway.add(insistence);
    try {
      return await insistence.decided;
    } finally {
      this.#underway.delete(insistence);
    }
  }

  /** The service told how a hold is now: the list says the same at once. */
  #told(hold: Hold): void {
    if (this.granted?.hold.id === hold.id) this.granted = { ...this.granted, hold };
    const others = (this.active.value ?? []).filter(({ id }) => id !== hold.id);
    const active = hold.state === "active" ? [...others, hold] : others;
    this.active.tell(active.sort((one, other) => one.expires_ms - other.expires_ms));
  }
}

function placesByPool(holds: readonly Hold[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const line of holds.flatMap(({ lines }) => lines)) {
    places.set(line.pool, (places.get(line.pool) ?? 0) + line.places);
  }
  return places;
}
