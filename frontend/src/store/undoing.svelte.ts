/** The movements of this tablet that one tap still takes back, and the seconds that are left for it. */

import { lasting, type Movement, newest, UNDO_MS, type Undoable, undoable } from "../outbox/undo";

const TICK_MS = 250;

export class Undoing {
  #offered = $state.raw<readonly Undoable[]>([]);
  #now_ms = $state(Date.now());

  start(): () => void {
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    return () => clearInterval(ticking);
  }

  offer(id: string, movement: Movement, tapped_ms: number): void {
    this.#offered = [...this.#offered, undoable(id, movement, tapped_ms)];
    this.#tick();
  }

  /** The movement on a pool that can be taken back now. */
  of(pool: string): Undoable | null {
    return newest(this.#offered, pool);
  }

  /** Whole seconds, never more than the ten that were promised, also when a clock is set meanwhile. */
  secondsLeft({ lapses_ms }: Undoable): number {
    return Math.max(0, Math.min(UNDO_MS / 1000, Math.ceil((lapses_ms - this.#now_ms) / 1000)));
  }

  /** Somebody stands at its button: who is slow with a keyboard is not hurried. */
  hold(one: Undoable): void {
    this.#put({ ...one, lapses_ms: Number.MAX_SAFE_INTEGER });
  }

  letGo(one: Undoable): void {
    this.#put({ ...one, lapses_ms: Date.now() + UNDO_MS });
  }

  close(one: Undoable): void {
    this.#offered = this.#offered.filter(({ id }) => id !== one.id);
  }

  #put(one: Undoable): void {
    this.#offered = this.#offered.map((other) => (other.id === one.id ? one : other));
  }

  #tick(): void {
    if (this.#offered.length === 0) return;
    this.#now_ms = Date.now();
    this.#offered = lasting(this.#offered, this.#now_ms);
  }
}
