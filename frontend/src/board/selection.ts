/** Which pools a screen shows, in which order, and what they add up to. Pure: the clock is an argument. */

import type { Audience, Kind, Need, Unit } from "../vocabulary/terms";
import { needOf } from "../vocabulary/terms";
import type { Row } from "./board";
import { type Freshness, freshness, isTrusted } from "./freshness";
import type { Position } from "./nearness";

export interface Pool {
  readonly id: string;
  readonly unit: Unit;
  readonly sleeps: number | null;
  readonly audience: Audience;
  readonly traits: readonly string[];
}

export interface Site {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly address: string | null;
  readonly position: Position | null;
  readonly phone: string | null;
  readonly opening_hours: string | null;
  /** When its tablet asks how many are there, by the clock of the place: "22:00". Absent: never. */
  readonly reminder_hours?: readonly string[];
  readonly pools: readonly Pool[];
  /** Told by its name to whoever reads, and to be kept from those who walk past. */
  readonly isProtected?: boolean;
}

/** A protected site as those see it who may not know which one it is: numbers, and an id that tells nothing. */
export const isVeiled = (site_id: string): boolean => site_id.startsWith("protege-");

/** Where this site is must not be seen by everybody who passes a screen. */
export const isSecret = (site: Site): boolean => site.isProtected === true || isVeiled(site.id);

/** The offer as everybody who passes may see it: of a protected site the numbers alone. */
export function asPassedBy(offer: Offer): Offer {
  if (!isSecret(offer.site)) return offer;
  const site = { ...offer.site, name: "Site protégé", address: null, phone: null, opening_hours: null };
  return { ...offer, site };
}

/** A live row with what the registry knows of its pool and site. */
export interface Offer {
  readonly row: Row;
  readonly pool: Pool;
  readonly site: Site;
  readonly need: Need;
}

/** What was made of a row, so that one change on the board is one change on the screen. */
const made = new WeakMap<Row, Offer>();

/**
 * Every row whose pool the registry names; the number of rows that it does not name yet comes beside them.
 * The same row at the same site gives the very same offer.
 */
export function offersOf(
  rows: Iterable<Row>,
  sites: ReadonlyMap<string, Site>,
): { offers: Offer[]; nameless: number } {
  const offers: Offer[] = [];
  let nameless = 0;
  for (const row of rows) {
    const site = sites.get(row.site);
    const before = made.get(row);
    const pool = site?.pools.find((known) => known.id === row.pool);
    if (site === undefined || pool === undefined) nameless += 1;
    else if (before?.site === site) offers.push(before);
    else {
      const offer = { row, pool, site, need: needOf(pool.unit, site.kind) };
      made.set(row, offer);
      offers.push(offer);
    }
  }
  return { offers, nameless };
}

export type Claim = "free" | "confirm" | "full" | "shut";

/**
 * What may be said of a pool: free (and how fresh), to be confirmed by phone, full, or not taking anyone.
 * An unknown or stale pool is never free (law 7), and never plainly full either: its number is only old.
 */
export function claimOf(row: Row, now_ms: number): { claim: Claim; freshness: Freshness } {
  const state = freshness(row, now_ms);
  if (row.status !== "open") return { claim: "shut", freshness: state };
  if (!isTrusted(state)) return { claim: "confirm", freshness: state };
  return { claim: row.free > 0 ? "free" : "full", freshness: state };
}

/** Newest news first; pools that nobody reported on come last; ties by pool so that nothing jumps. */
export function byNews(one: Offer, other: Offer): number {
  const newer = (other.row.observed_ms ?? 0) - (one.row.observed_ms ?? 0);
  return newer !== 0 ? newer : one.row.pool < other.row.pool ? -1 : 1;
}

export interface Total {
  readonly unit: Unit;
  readonly free: number;
  /** Pools of this unit that are open but too old to be counted in `free`. */
  readonly unconfirmed: number;
}

/** Free by audience and unit. Units are never added up with one another, and only trusted numbers count. */
export function totalsOf(offers: Iterable<Offer>, now_ms: number): Map<Audience, Total[]> {
  const totals = new Map<Audience, Map<Unit, Total>>();
  for (const { row, pool } of offers) {
    const { claim } = claimOf(row, now_ms);
    if (claim === "shut") continue;
    const units = totals.get(pool.audience) ?? new Map<Unit, Total>();
    const before = units.get(pool.unit) ?? { unit: pool.unit, free: 0, unconfirmed: 0 };
    units.set(pool.unit, {
      unit: pool.unit,
      free: before.free + (claim === "free" ? row.free : 0),
      unconfirmed: before.unconfirmed + (claim === "confirm" ? 1 : 0),
    });
    totals.set(pool.audience, units);
  }
  return new Map([...totals].map(([audience, units]) => [audience, [...units.values()].sort(byAmount)]));
}

/** The pools behind one total: those that sum to it, most first, and those too old to be counted. */
export function partsOf(
  offers: Iterable<Offer>,
  audience: Audience,
  unit: Unit,
  now_ms: number,
): { counted: Offer[]; unconfirmed: Offer[]; full: number } {
  const mine = [...offers].filter(({ pool }) => pool.audience === audience && pool.unit === unit);
  const of = (wanted: Claim) => mine.filter(({ row }) => claimOf(row, now_ms).claim === wanted);
  return {
    counted: of("free").sort((one, other) => other.row.free - one.row.free || byNews(one, other)),
    unconfirmed: of("confirm").sort(byNews),
    full: of("full").length,
  };
}

function byAmount(one: Total, other: Total): number {
  return other.free - one.free || (one.unit < other.unit ? -1 : 1);
}
