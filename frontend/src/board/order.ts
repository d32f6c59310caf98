/** The order of a list on the street: steady, so that nothing moves under a thumb. Made of the sites, once for all rows. */

import { arrondissementOf, folded } from "../vocabulary/places";
import { metresBetween, middleOf, type Position } from "./nearness";
import type { Offer, Site } from "./selection";

/** `metres` is null where the team or the site is nowhere. */
export interface Place {
  readonly rank: number;
  readonly metres: number | null;
}

const NOWHERE_METRES = 1e9;
const NO_ARRONDISSEMENT = 99;

/**
 * Each site's place by its id: the nearest first, a site without a position by the middle of its arrondissement; for a
 * team that is nowhere by arrondissement; then by name, "Halte 9" before "Halte 10".
 */
export function placesFrom(from: Position | null, sites: Iterable<Site>): ReadonlyMap<string, Place> {
  const placed = [...sites].map((site) => ({ site, far: farTo(from, site), name: sortable(site.name) }));
  placed.sort((one, other) => one.far - other.far || (one.name < other.name ? -1 : 1));
  return new Map(
    placed.map(({ site, far }, rank) => [
      site.id,
      { rank, metres: from === null || site.position === null ? null : far },
    ]),
  );
}

/** The offers in the order of their sites; those of one site by their pool. */
export function inOrder(offers: readonly Offer[], places: ReadonlyMap<string, Place>): Offer[] {
  const rankOf = ({ site }: Offer): number => places.get(site.id)?.rank ?? NOWHERE_METRES;
  return [...offers].sort(
    (one, other) => rankOf(one) - rankOf(other) || (one.pool.id < other.pool.id ? -1 : 1),
  );
}

function farTo(from: Position | null, { position, address }: Site): number {
  const arrondissement = arrondissementOf(address);
  if (from === null) return arrondissement ?? NO_ARRONDISSEMENT;
  const there = position ?? middleOf(arrondissement ?? 0);
  return there === null ? NOWHERE_METRES : metresBetween(from, there);
}

/** By hand, since the browser's own collator costs a slow phone a third of a second before its first comparison. */
const sortable = (name: string): string => folded(name).replace(/\d+/g, (digits) => digits.padStart(6, "0"));
