/** Everything that a screen of one territory looks at: the live board, the registry, and both put together. */

import { type Offer, offersOf } from "../board/selection";
import type { Territory } from "../wire/registry";
import { keep, kept } from "./keep";
import { Live } from "./live.svelte";
import { Registry, territories } from "./registry.svelte";

export class Screen {
  readonly territory_id: string;
  /** The id until its name is known. */
  name = $state("");
  readonly live: Live;
  readonly registry: Registry;
  /** The service names its territories to everybody, and this one is not among them. */
  isUnknown = $state(false);

  #known = $derived.by(() => offersOf(this.live.rows, this.registry.sites));

  constructor(territory: Territory, paint_ms: number) {
    this.territory_id = territory.id;
    this.name = territory.name;
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
    if (this.name === this.territory_id) void this.learnName();
    const stops = [this.live.start(), this.registry.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async learnName(): Promise<void> {
    const known = await territories();
    const found = known?.find(({ id }) => id === this.territory_id);
    this.isUnknown = known !== null && found === undefined;
    if (found === undefined) return;
    this.name = found.name;
    keep(`name.${found.id}`, found.name);
  }
}

export type Choice =
  | { readonly kind: "chosen"; readonly territory: Territory }
  | { readonly kind: "none" }
  | { readonly kind: "unreachable" };

/**
 * The territory of this page. The address says it (`?territory=75`) and the page starts at once; else it is
 * the one of whoever is here, else the first that the server names, or without the server the one that this
 * device showed last.
 */
export async function chooseTerritory(search: string, own: string | null): Promise<Choice> {
  const wanted = new URLSearchParams(search).get("territory") ?? own;
  if (wanted !== null) return chosen(wanted);
  const known = await territories();
  if (known === null) {
    const last = kept("territory");
    return last === null ? { kind: "unreachable" } : chosen(last);
  }
  const first = known[0];
  if (first === undefined) return { kind: "none" };
  keep("territory", first.id);
  return { kind: "chosen", territory: first };
}

function chosen(id: string): Choice {
  return { kind: "chosen", territory: { id, name: kept(`name.${id}`) ?? id } };
}
