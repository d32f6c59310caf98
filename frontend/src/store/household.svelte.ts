/** Who is there and what they need, by taps: in this page's memory only. */

import { NOBODY, PARTY_MOST, type Party, persons } from "../vocabulary/parties";
import type { RequestNeed } from "../vocabulary/requests";

export class Household {
  party = $state.raw<Party>(NOBODY);
  needs = $state.raw<ReadonlySet<RequestNeed>>(new Set());
  isSomeone: boolean = $derived(persons(this.party) > 0);

  add(who: keyof Party, by: 1 | -1): void {
    const count = Math.min(PARTY_MOST, Math.max(0, this.party[who] + by));
    this.party = { ...this.party, [who]: count };
  }

  toggle(need: RequestNeed): void {
    const needs = new Set(this.needs);
    if (!needs.delete(need)) needs.add(need);
    this.needs = needs;
  }
}
