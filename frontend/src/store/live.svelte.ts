/** The live board of one territory for a page: the picture, its age, and what the connection is worth. */

import { type Board, type BoardMessage, merge, type Row } from "../board/board";
import { takeEarly } from "../feed/early";
import { type FeedState, follow } from "../feed/feed";
import { openSocket } from "../feed/socket";
import { wallClock } from "../feed/waits";
import { parseBoardMessage } from "../wire/board";
import { pictureOf } from "../wire/picture";
import { keep, kept } from "./keep";

/** Past this long without a word from the server, the picture is history and is shown as such. */
export const FROZEN_MS = 30_000;
/** Nothing is said about the connection while a page is just loading. */
const GRACE_MS = 2_000;
const KEEP_EVERY_MS = 15_000;

export class Live {
  /** Null until the first picture; a kept picture of an earlier visit counts as one, with its age. */
  board = $state.raw<Board | null>(null);
  state = $state<FeedState>("connecting");
  /** The server's time of the newest word from it: "données de 21:42:07". */
  told_ms = $state<number | null>(null);
  /** The server's clock, as well as we know it; moves every second. */
  now_ms = $state(Date.now());
  /** Milliseconds since we last heard the server, or since the page loaded. */
  silence_ms = $state(0);
  isStarting = $state(true);
  /** The server's time at which somebody stopped the picture; null while it moves. The feed goes on behind it. */
  stopped_ms = $state<number | null>(null);
  /** What there is to see behind a stopped picture. */
  waiting = $state.raw<Board | null>(null);

  rows: Row[] = $derived(this.board === null ? [] : [...this.board.rows.values()]);
  /** Nothing current arrives: said at once, except in the first two seconds of a page. */
  isCut: boolean = $derived(this.state !== "live" && !this.isStarting);
  isFrozen: boolean = $derived(this.silence_ms > FROZEN_MS);

  #territory: string;
  #paint_ms: number;
  #offset_ms = 0;
  #heard_ms = Date.now();
  #kept_ms = 0;
  #newest: Board | null = null;
  #newest_told_ms: number | null = null;
  #painted_ms = 0;
  #undoPaint: (() => void) | null = null;

  /** `paint_ms`: the least time between two repaints, so that a busy night does not flicker on a wall. */
  constructor(territory: string, paint_ms: number) {
    this.#territory = territory;
    this.#paint_ms = paint_ms;
    this.#restore();
  }

  /** Follows the feed until the returned undo is called. */
  start(): () => void {
    const early = takeEarly(`/v1/territories/${encodeURIComponent(this.#territory)}/board`);
    if (early === null || this.#newest !== null) return this.#follow();
    let isGone = false;
    let stop = () => {};
    void early
      .then((answer) => answer.text())
      .then(
        (body) => this.#begin(body),
        () => {},
      )
      .then(() => {
        if (!isGone) stop = this.#follow();
      });
    return () => {
      isGone = true;
      stop();
    };
  }

  /** A picture that was asked for before the page was here; the feed goes on from it. */
  #begin(body: string): void {
    const message = parseBoardMessage(body);
    if (message.kind === "ok" && message.value.complete)
      this.#take(merge(null, message.value), message.value);
  }

  #follow(): () => void {
    const feed = follow(
      {
        open: (position, listener) => openSocket(this.#territory, position, listener),
        clock: wallClock,
        random: Math.random,
      },
      { onBoard: (board, message) => this.#take(board, message), onState: (state) => this.#become(state) },
      this.#newest,
    );
    // A paint that is due brings the clock along: one look at the screen a second is enough.
    const ticking = setInterval(() => {
      if (this.#undoPaint === null) this.#tick();
    }, 1000);
    const undoGrace = wallClock.after(GRACE_MS, () => {
      this.isStarting = false;
    });
    const wake = () => {
      if (document.visibilityState === "visible") feed.wake();
      else this.#keepPicture();
    };
    addEventListener("online", wake);
    addEventListener("offline", feed.doubt);
    addEventListener("pagehide", this.#keepPicture);
    document.addEventListener("visibilitychange", wake);
    return () => {
      feed.stop();
      clearInterval(ticking);
      undoGrace();
      this.#undoPaint?.();
      this.#undoPaint = null;
      removeEventListener("online", wake);
      removeEventListener("offline", feed.doubt);
      removeEventListener("pagehide", this.#keepPicture);
      document.removeEventListener("visibilitychange", wake);
    };
  }

  #take(board: Board, message: BoardMessage): void {
    const local_ms = Date.now();
    this.#heard_ms = local_ms;
    this.#offset_ms = message.server_ms - local_ms;
    this.#newest = board;
    this.#newest_told_ms = message.server_ms;
    this.silence_ms = 0;
    this.#paintSoon(local_ms);
    if (local_ms - this.#kept_ms > KEEP_EVERY_MS) this.#keepPicture();
  }

  /** Keeps the picture as it is, for somebody who reads it. */
  stop(): void {
    this.stopped_ms = this.now_ms;
    this.#paint();
  }

  resume(): void {
    this.stopped_ms = null;
    this.#paint();
  }

  /** The first change paints at once; those that follow within `paint_ms` paint together, with the clock. */
  #paintSoon(local_ms: number): void {
    if (this.#undoPaint !== null) return;
    const wait_ms = this.#painted_ms + this.#paint_ms - local_ms;
    if (wait_ms <= 0) return this.#paint();
    this.#undoPaint = wallClock.after(wait_ms, () => this.#paint());
  }

  #paint(): void {
    this.#undoPaint?.();
    this.#undoPaint = null;
    // A word that says nothing new paints the time only, and delays no change that comes right after it.
    const isChange = this.board !== this.#newest;
    if (isChange) this.#painted_ms = Date.now();
    this.#tick();
    if (this.stopped_ms === null) {
      this.board = this.#newest;
      this.told_ms = this.#newest_told_ms;
    } else {
      this.waiting = this.#newest;
    }
  }

  #become(state: FeedState): void {
    this.state = state;
    this.#tick();
  }

  #tick(): void {
    const local_ms = Date.now();
    this.now_ms = local_ms + this.#offset_ms;
    this.silence_ms = Math.max(0, local_ms - this.#heard_ms);
  }

  #restore(): void {
    const picture = kept(`picture.${this.#territory}`);
    // Told apart from one that cannot be read: an error is dear on a slow phone, and here it would be the usual case.
    if (picture === null) return;
    const message = parseBoardMessage(picture);
    if (message.kind === "malformed") return;
    const { epoch, seq, rows, server_ms } = message.value;
    const live = rows.filter((row): row is Row => !("gone" in row));
    this.#newest = { epoch, seq, rows: new Map(live.map((row) => [row.pool, row])) };
    this.board = this.#newest;
    this.#newest_told_ms = server_ms;
    this.told_ms = server_ms;
  }

  #keepPicture = (): void => {
    if (this.#newest === null || this.#newest_told_ms === null) return;
    this.#kept_ms = Date.now();
    keep(`picture.${this.#territory}`, pictureOf(this.#newest, this.#newest_told_ms));
  };
}
