/** What a team chose to look at; kept on the device, so that the next opening starts there. */

import { AUDIENCES, type Audience, isOneOf, NEEDS, type Need } from "../vocabulary/terms";
import { keep, kept } from "./keep";

export class Choice {
  need = $state<Need>("sleep");
  /** None chosen means all of them. */
  audiences = $state.raw<ReadonlySet<Audience>>(new Set());
  /** The arrondissement that the list starts from; null for none. */
  near = $state<number | null>(null);

  constructor() {
    const words = new URLSearchParams(kept("choice") ?? "");
    const need = words.get("need");
    if (isOneOf(NEEDS, need)) this.need = need;
    this.audiences = new Set(words.getAll("audience").filter((word) => isOneOf(AUDIENCES, word)));
    const near = Number(words.get("near"));
    this.near = Number.isInteger(near) && near >= 1 && near <= 20 ? near : null;
  }

  choose(need: Need): void {
    this.need = need;
    this.#keep();
  }

  toggle(audience: Audience): void {
    const next = new Set(this.audiences);
    if (!next.delete(audience)) next.add(audience);
    this.audiences = next;
    this.#keep();
  }

  start(near: number | null): void {
    this.near = near;
    this.#keep();
  }

  takes(audience: Audience): boolean {
    return this.audiences.size === 0 || this.audiences.has(audience);
  }

  #keep(): void {
    const words = new URLSearchParams({ need: this.need });
    for (const audience of this.audiences) words.append("audience", audience);
    if (this.near !== null) words.set("near", String(this.near));
    keep("choice", words.toString());
  }
}
