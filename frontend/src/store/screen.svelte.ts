/** Everything that a screen of one territory looks at: the live board, the registry, and both put together. */

import { type Offer, offersOf } from "../board/selection";
import type { Territory } from "../wire/registry";
import { keep, kept } from "./keep";
import { Live } from "./live.svelte";
import { Registry, territories } from "./registry.svelte";

export class Screen {
  readonly territory: Territory;
  readonly live: Live;
  readonly registry: Registry;

  #known = $derived.by(() => offersOf(this.live.rows, this.registry.sites));

  constructor(territory: Territory, paint_ms: number) {
    this.territory = territory;
    this.live = new Live(territory.id, paint_ms);
    this.registry = new Registry(territory.id);
  }

  get offers(): Offer[] {
    return this.#known.offers;
  }

  /** Rows that the registry does not name yet. */
  get nameless(): number {
    return this.#known.nameless;
  }

  /** Call it inside an effect: it runs until the component goes. */
  start(): () => void {
    const stops = [this.live.start(), this.registry.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }
}

export type Choice =
  | { readonly kind: "chosen"; readonly territory: Territory }
  | { readonly kind: "none" }
  | { readonly kind: "unreachable" };

/**
 * The territory of this page: the address says it (`?territory=75`), else the first that the server names.
 * Without the server, the one that this device showed last.
 */
export async function chooseTerritory(search: string): Promise<Choice> {
  const wanted = new URLSearchParams(search).get("territory");
  const known = await territories();
  if (known === null) {
    const id = wanted ?? kept("territory");
    return id === null
      ? { kind: "unreachable" }
      : { kind: "chosen", territory: { id, name: kept(`name.${id}`) ?? id } };
  }
  const territory = wanted === null ? known[0] : known.find(({ id }) => id === wanted);
  if (territory === undefined) return { kind: "none" };
  keep("territory", territory.id);
  keep(`name.${territory.id}`, territory.name);
  return { kind: "chosen", territory };
}
