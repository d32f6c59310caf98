/**
 * A list whose rows come and go by themselves: the one under the pointer or the focus never moves. What stands above
 * it stays, also when it is over, and what is new comes below it, until both have left.
 */

export interface Held<Item> {
  readonly item: Item;
  /** It is gone, and stands only so that nothing moves. */
  readonly isOver: boolean;
}

interface Named {
  readonly id: string;
}

/** `shown` is what stands on the screen, `natural` what would stand there; `watched` are the rows not to be moved. */
export function settle<Item extends Named>(
  shown: readonly Held<Item>[],
  natural: readonly Item[],
  watched: ReadonlySet<string>,
): readonly Held<Item>[] {
  const present = new Map(natural.map((item) => [item.id, item]));
  const last = shown.findLastIndex(({ item }) => watched.has(item.id) && present.has(item.id));
  const kept = shown.slice(0, last + 1).map(({ item }): Held<Item> => {
    const now = present.get(item.id);
    return now === undefined ? { item, isOver: true } : { item: now, isOver: false };
  });
  const ids = new Set(kept.map(({ item }) => item.id));
  return [...kept, ...natural.filter(({ id }) => !ids.has(id)).map((item) => ({ item, isOver: false }))];
}

/** Whether the rows stand otherwise than they would if nobody looked at them. */
export function isWaiting<Item extends Named>(
  rows: readonly Held<Item>[],
  natural: readonly Item[],
): boolean {
  return rows.some(({ item }, index) => item.id !== natural[index]?.id);
}

export class Steady<Item extends Named> {
  #pointed = $state<string | null>(null);
  #focused = $state<string | null>(null);
  #shown: readonly Held<Item>[] = [];

  /** For a `$derived`: the rows as they are to stand now. */
  rows(natural: readonly Item[]): readonly Held<Item>[] {
    const watched = new Set([this.#pointed, this.#focused].filter((id) => id !== null));
    this.#shown = settle(this.#shown, natural, watched);
    return this.#shown;
  }

  /** An attachment for the list; its rows say their id in `data-row`. */
  watch = (list: HTMLElement): (() => void) => {
    const rowOf = (target: EventTarget | null): string | null =>
      target instanceof Element && list.contains(target)
        ? (target.closest<HTMLElement>("[data-row]")?.dataset.row ?? null)
        : null;
    const pointed = ({ target }: Event) => {
      this.#pointed = rowOf(target);
    };
    const left = () => {
      this.#pointed = null;
    };
    // A row that goes away with the focus in it says so in the middle of the painting: heard when that is done.
    const focused = ({ target }: Event) => {
      const row = rowOf(target);
      queueMicrotask(() => {
        this.#focused = row;
      });
    };
    const blurred = ({ relatedTarget }: FocusEvent) => {
      const row = rowOf(relatedTarget);
      queueMicrotask(() => {
        this.#focused = row;
      });
    };
    list.addEventListener("pointerover", pointed);
    list.addEventListener("pointerleave", left);
    list.addEventListener("focusin", focused);
    list.addEventListener("focusout", blurred);
    return () => {
      list.removeEventListener("pointerover", pointed);
      list.removeEventListener("pointerleave", left);
      list.removeEventListener("focusin", focused);
      list.removeEventListener("focusout", blurred);
    };
  };
}
