/** Who is expected at a site: its active holds, and what its tablet has to say of them. */

import { activeHolds } from "../api/holds";
import type { Row } from "../board/board";
import type { Hold } from "../wire/holds";
import { Doorkeeping } from "./doorkeeping.svelte";
import { holdServer } from "./holdserver";
import { Polled } from "./polled.svelte";
import { type HoldRecord, recordOfHold, type Telling } from "./records";

const AGAIN_MS = 15_000;

/** A hold on the list, with what this tablet said of it. */
export interface Expected {
  readonly hold: Hold;
  readonly record: HoldRecord | null;
}

export class Arrivals {
  readonly active: Polled<readonly Hold[]>;
  readonly keeping = new Doorkeeping("arrivals", holdServer("site", "site"));

  /** Of this site; the tablet may have stood elsewhere before. */
  #records = $derived(this.keeping.records.filter((record) => this.#isOurs(record)));
  /** Those to accept first, then the soonest end. What this tablet said of a hold stays in sight until it is answered, and read when refused. */
  expected: readonly Expected[] = $derived.by(() => {
    const told = new Map(
      this.#records.filter(isTold).map((record): [string, HoldRecord] => [record.id, record]),
    );
    const known = new Map(this.#records.map((record) => [record.id, record.hold]));
    const listed = (this.active.value ?? []).map((hold) => {
      // What the service answered to this tablet may be newer than the list.
      const answered = known.get(hold.id) ?? hold;
      return { hold: answered.seq > hold.seq ? answered : hold, record: told.get(hold.id) ?? null };
    });
    const ids = new Set(listed.map(({ hold }) => hold.id));
    const others = [...told.values()].flatMap((record) =>
      record.hold === null || ids.has(record.id) ? [] : [{ hold: record.hold, record }],
    );
    return [...listed, ...others].sort(
      (one, other) =>
        Number(isPending(other.hold)) - Number(isPending(one.hold)) ||
        one.hold.expires_ms - other.hold.expires_ms ||
        (one.hold.id < other.hold.id ? -1 : 1),
    );
  });
  waiting: readonly HoldRecord[] = $derived(this.#records.filter(({ told }) => told !== null));

  #territory: string;
  #pools: () => readonly string[];

  /** `pools` are those of the site, as the registry says them now. */
  constructor(territory: string, site: string, pools: () => readonly string[]) {
    this.#territory = territory;
    this.#pools = pools;
    this.active = new Polled((signal) => activeHolds(territory, site, signal), AGAIN_MS);
  }

  start(): () => void {
    const stops = [this.active.start(), this.keeping.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** A row of the site has changed: a hold may have come or gone. Call it whenever `rowMarks` says something new. */
  look(): void {
    this.active.soon();
  }

  /** The server is there again. */
  wake(): void {
    this.keeping.wake();
    this.active.soon();
  }

  tell({ hold, record }: Expected, telling: Telling): void {
    void this.keeping.tell(record ?? recordOfHold(this.#territory, hold, Date.now()), telling);
  }

  async undo(record: HoldRecord): Promise<void> {
    await this.keeping.undo(record);
    const present = this.keeping.records.find(({ id }) => id === record.id);
    if (present?.told === null) await this.keeping.dismiss(record);
  }

  dismiss(record: HoldRecord): void {
    void this.keeping.dismiss(record);
  }

  #isOurs({ territory, lines }: HoldRecord): boolean {
    const pools = this.#pools();
    return territory === this.#territory && lines.some(({ pool }) => pools.includes(pool));
  }
}

/** A team waits to hear whether it may come. */
export const isPending = ({ state, acceptance }: Hold): boolean =>
  state === "active" && acceptance === "pending";

/** This tablet said something of it, and it is not over with that. */
const isTold = ({ told, kept, problem, over_ms }: HoldRecord): boolean =>
  told !== null || kept !== null || problem !== null || over_ms !== null;

/** The stamps of some pools' rows in one text: held places that came and went between two paints change it too. */
export function rowMarks(rows: ReadonlyMap<string, Row> | undefined, pools: readonly string[]): string {
  return pools.map((pool) => rows?.get(pool)?.seq ?? "").join(" ");
}
