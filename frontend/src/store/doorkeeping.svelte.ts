/** The holds that this device has something to say of: the team's own on a phone, those of its site on a tablet. */

import type { Answer } from "../api/asking";
import { giveAddress } from "../api/holds";
import { wallClock } from "../feed/waits";
import type { Traffic } from "../outbox/courier";
import { newId } from "../outbox/ids";
import { openShelf, type ShelfName } from "../outbox/shelf";
import type { HoldRefusal, ToldSite } from "../wire/holds";
import { type Holding, type HoldServer, openHolding } from "./holding";
import type { HoldRecord, Telling, Wish } from "./records";

export class Doorkeeping {
  /** Oldest first, those of other territories too. */
  records = $state.raw<readonly HoldRecord[]>([]);
  traffic = $state<Traffic>("idle");
  /** What was told and taken from this page, and when by the device's clock. */
  sent = $state(0);
  sent_ms = $state<number | null>(null);
  /** False when the device refuses to keep anything: what waits is then lost with the page. */
  isLasting = $state(true);
  /** The device could not keep a tap: it is lost, and said to be. */
  hasFailed = $state(false);

  #shelf: ShelfName;
  #server: HoldServer;
  #holding: Holding | null = null;
  /** A tap may come before the shelf is open: it waits for it. */
  #opening: Promise<void> = Promise.resolve();

  constructor(shelf: ShelfName, server: HoldServer) {
    this.#shelf = shelf;
    this.#server = server;
  }

  /** Opens the shelf, looks at what an earlier visit left there, and runs until the returned undo is called. */
  start(): () => void {
    let isStopped = false;
    this.#opening = openShelf<HoldRecord>(this.#shelf).then((shelf) => {
      if (isStopped) return;
      this.isLasting = shelf.isLasting;
      this.#holding = openHolding(
        { shelf, server: this.#server, clock: wallClock, random: Math.random, newId },
        {
          onRecords: (records) => {
            this.records = records;
          },
          onTraffic: (traffic) => {
            this.traffic = traffic;
          },
          onTold: () => {
            this.sent += 1;
            this.sent_ms = Date.now();
          },
        },
      );
      void shelf.all().then((records) => this.#holding?.doubt(records.map(({ id }) => id)));
    });
    const wake = () => {
      if (document.visibilityState === "visible") this.wake();
    };
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      isStopped = true;
      this.#holding?.stop();
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }

  /** The server is there again: what it says of every hold is asked anew, and what waits goes now. */
  wake(): void {
    this.doubt(this.records.map(({ id }) => id));
    this.#holding?.wake();
  }

  doubt(ids: readonly string[]): void {
    this.#holding?.doubt(ids);
  }

  ask(wish: Wish): Promise<void> {
    void navigator.storage?.persist?.();
    return this.#kept((holding) => holding.ask(wish));
  }

  tell(record: HoldRecord, telling: Telling): Promise<void> {
    return this.#kept((holding) => holding.tell(record, telling));
  }

  undo({ id }: HoldRecord): Promise<void> {
    return this.#kept((holding) => holding.undo(id));
  }

  giveUp({ id }: HoldRecord): Promise<void> {
    return this.#kept((holding) => holding.giveUp(id));
  }

  dismiss({ id }: HoldRecord): Promise<void> {
    return this.#kept((holding) => holding.dismiss(id));
  }

  /** Where the protected site of a hold is: asked for under one id, shown, and kept nowhere. */
  async address({ id, territory }: HoldRecord): Promise<Answer<ToldSite, HoldRefusal>> {
    if (this.#holding === null) return { kind: "unanswered", isReachable: false, retry_ms: null };
    return giveAddress(territory, id, await this.#holding.addressId(id));
  }

  async #kept(act: (holding: Holding) => Promise<void>): Promise<void> {
    try {
      await this.#opening;
      if (this.#holding === null) throw new Error("this page keeps no holds any more");
      await act(this.#holding);
      this.hasFailed = false;
    } catch {
      this.hasFailed = true;
    }
  }
}
