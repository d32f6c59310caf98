/** A site with everything that the registry keeps of it, as its administration reads and writes it. */

import { AUDIENCES, type Audience, KINDS, type Kind, TRAITS, UNITS, type Unit } from "../vocabulary/terms";
import { VISIBILITIES, type Visibility } from "../vocabulary/visibility";
import {
  count,
  countOrNull,
  fields,
  list,
  Malformed,
  type Parsed,
  parsed,
  text,
  textOrNull,
  word,
} from "./shape";

export interface RegisteredPool {
  readonly id: string;
  readonly unit: Unit;
  readonly sleeps: number | null;
  readonly audience: Audience;
  readonly traits: readonly string[];
  readonly capacity: number;
  /** Seconds after which its figures age. */
  readonly fresh_for: number;
}

export interface RegisteredSite {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly visibility: Visibility;
  readonly address: string | null;
  readonly position: { readonly lat: number; readonly lon: number } | null;
  readonly phone: string | null;
  readonly opening_hours: string | null;
  readonly organisation: string | null;
  /** When its tablet asks how many are there: "22:00". */
  readonly reminder_hours: readonly string[];
  readonly pools: readonly RegisteredPool[];
}

export const FRESH_FOR_S = 7_200;
export const SITE_ID = "[a-z0-9]+(-[a-z0-9]+)*";

export const parseRegisteredSites = (data: unknown): Parsed<readonly RegisteredSite[]> =>
  parsed(() =>
    list(fields(data, "answer").sites, "sites").map((one, index) => readSite(one, `sites.${index}`)),
  );

export const parseRegisteredSite = (data: unknown): Parsed<RegisteredSite> =>
  parsed(() => readSite(data, "site"));

function readSite(value: unknown, path: string): RegisteredSite {
  const site = fields(value, path);
  return {
    id: text(site.id, `${path}.id`),
    name: text(site.name, `${path}.name`),
    kind: word(site.kind, KINDS, `${path}.kind`),
    visibility: word(site.visibility ?? "public", VISIBILITIES, `${path}.visibility`),
    address: textOrNull(site.address, `${path}.address`),
    position: positionOrNull(site.position, `${path}.position`),
    phone: textOrNull(site.phone, `${path}.phone`),
    opening_hours: textOrNull(site.opening_hours, `${path}.opening_hours`),
    organisation: textOrNull(site.organisation, `${path}.organisation`),
    reminder_hours: list(site.reminder_hours ?? [], `${path}.reminder_hours`).map((hour) =>
      text(hour, `${path}.reminder_hours`),
    ),
    pools: list(site.pools, `${path}.pools`).map((pool, index) => readPool(pool, `${path}.pools.${index}`)),
  };
}

function readPool(value: unknown, path: string): RegisteredPool {
  const pool = fields(value, path);
  return {
    id: text(pool.id, `${path}.id`),
    unit: word(pool.unit, UNITS, `${path}.unit`),
    sleeps: countOrNull(pool.sleeps, `${path}.sleeps`),
    audience: word(pool.audience, AUDIENCES, `${path}.audience`),
    traits: list(pool.traits ?? [], `${path}.traits`).map((trait) =>
      String(word(trait, TRAITS, `${path}.traits`)),
    ),
    capacity: count(pool.capacity, `${path}.capacity`),
    fresh_for: count(pool.fresh_for ?? FRESH_FOR_S, `${path}.fresh_for`),
  };
}

function positionOrNull(value: unknown, path: string): RegisteredSite["position"] {
  if (value === null || value === undefined) return null;
  const { lat, lon } = fields(value, path);
  if (typeof lat !== "number" || typeof lon !== "number") throw new Malformed(path, "a position");
  return { lat, lon };
}
