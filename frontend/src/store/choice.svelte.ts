/** What a team chose to look at; kept on the device, so that the next opening starts there. */

import { isOneOf, NEEDS, type Need } from "../vocabulary/terms";
import { keep, kept } from "./keep";

export class Choice {
  need = $state<Need>("sleep");
  /** The arrondissement that the list starts from; null for none. */
  near = $state<number | null>(null);

  constructor() {
    const words = new URLSearchParams(kept("choice") ?? "");
    const need = words.get("need");
    if (isOneOf(NEEDS, need)) this.need = need;
    const near = Number(words.get("near"));
    this.near = Number.isInteger(near) && near >= 1 && near <= 20 ? near : null;
  }

  choose(need: Need): void {
    this.need = need;
    this.#keep();
  }

  start(near: number | null): void {
    this.near = near;
    this.#keep();
  }

  #keep(): void {
    const words = new URLSearchParams({ need: this.need });
    if (this.near !== null) words.set("near", String(this.near));
    keep("choice", words.toString());
  }
}
