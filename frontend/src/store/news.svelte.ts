/** What a screen has seen change since it is open, in the last minutes. */

import type { Board } from "../board/board";
import { type Change, changesBetween, newsWith } from "../board/news";

/** Two pictures further apart than this are no news of each other: nobody knows when what is between them was. */
const GAP_MS = 60_000;

export class News {
  changes = $state.raw<readonly Change[]>([]);

  #before: Board | null = null;
  #before_ms = 0;

  /** Call it with every picture that is painted, and the server's time of it. */
  look(board: Board, told_ms: number): void {
    const before = this.#before;
    const isNear = before !== null && before.epoch === board.epoch && told_ms - this.#before_ms < GAP_MS;
    const changes = isNear ? changesBetween(before.rows, board.rows, told_ms) : [];
    this.#before = board;
    this.#before_ms = told_ms;
    const news = newsWith(this.changes, changes, told_ms);
    if (changes.length > 0 || news.length < this.changes.length) this.changes = news;
  }
}
