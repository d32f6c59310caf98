/** The outbox of this device for a page: what waits, what came back, and how the sending goes. */

import type { Row } from "../board/board";
import { wallClock } from "../feed/waits";
import type { Traffic } from "../outbox/courier";
import { newId } from "../outbox/ids";
import { type Outbox, openOutbox } from "../outbox/outbox";
import { post } from "../outbox/post";
import { countOf, type Entry } from "../outbox/queue";
import { openShelf } from "../outbox/shelf";
import { opposite, type Undoable } from "../outbox/undo";
import type { Statement } from "../wire/reports";

export class Sending {
  entries = $state.raw<readonly Entry[]>([]);
  traffic = $state<Traffic>("idle");
  /** By the device's clock; null until something was sent from this page. */
  sent_ms = $state<number | null>(null);
  sent = $state(0);
  /** How many are between this device and the server right now. */
  underWay = $state(0);
  isLasting = $state(true);
  /** The device could not keep a tap: said loudly, since that tap is lost. */
  hasFailed = $state(false);

  waiting = $derived(countOf(this.entries, "waiting"));
  refused = $derived(countOf(this.entries, "refused"));
  conflicts = $derived(countOf(this.entries, "conflict"));

  #territory: string;
  #site: string;
  #outbox: Outbox | null = null;

  constructor(territory: string, site: string) {
    this.#territory = territory;
    this.#site = site;
  }

  /** Opens the shelf and sends what an earlier visit left there; runs until the returned undo is called. */
  start(): () => void {
    let isStopped = false;
    void openShelf<Entry>("outbox").then((shelf) => {
      if (isStopped) return;
      this.isLasting = shelf.isLasting;
      this.#outbox = openOutbox(
        { shelf, clock: wallClock, random: Math.random, newId, post },
        {
          onEntries: (entries) => {
            this.entries = entries;
          },
          onTraffic: (traffic) => {
            this.traffic = traffic;
          },
          onUnderWay: (count) => {
            this.underWay = count;
          },
          onDone: (done) => {
            this.sent += done.length;
            this.sent_ms = Date.now();
          },
        },
      );
    });
    const wake = () => {
      if (document.visibilityState === "visible") this.#outbox?.wake();
    };
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      isStopped = true;
      this.#outbox?.stop();
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }

  /** The id of its report; null when the device could not even keep it. */
  async tell(statement: Statement, seen: Row | null, tapped_ms = Date.now()): Promise<string | null> {
    try {
      if (this.#outbox === null) throw new Error("the outbox is not open yet");
      // From the first tap on, this device holds something that must not be cleaned away.
      if (this.sent === 0 && this.entries.length === 0) void navigator.storage?.persist?.();
      const saying = { territory: this.#territory, site: this.#site, statement, seen };
      const id = await this.#outbox.tell(saying, tapped_ms);
      this.hasFailed = false;
      return id;
    } catch {
      this.hasFailed = true;
      return null;
    }
  }

  /** As if the tap had not been: taken away where it has never left, else told back. */
  async undo(one: Undoable): Promise<void> {
    const refused = this.entries.find(({ id, state }) => id === one.id && state === "refused");
    if (refused !== undefined) return this.dismiss(refused);
    if (await this.#outbox?.withdraw(one.id)) return;
    await this.tell(opposite(one), null, one.tapped_ms);
  }

  dismiss(entry: Entry): void {
    void this.#outbox?.dismiss(entry.id);
  }

  /** The feed came back, so the server is there: no need to wait for the timer. */
  wake(): void {
    this.#outbox?.wake();
  }
}
