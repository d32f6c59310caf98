/** What fits a household, best first, with the reasons of the order. */

import type { Freshness } from "../board/freshness";
import type { Position } from "../board/nearness";
import type { Channel } from "../vocabulary/holds";
import type { Party } from "../vocabulary/parties";
import type { RequestNeed } from "../vocabulary/requests";
import { AUDIENCES, type Audience, KINDS, type Kind, UNITS, type Unit } from "../vocabulary/terms";
import { positionOrNull } from "./positions";
import {
  count,
  countOrNull,
  type Fields,
  fields,
  list,
  moment,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  textOrNull,
  word,
} from "./shape";

export interface Search {
  readonly party: Party;
  readonly needs: readonly RequestNeed[];
  readonly channel: Channel;
  /** Where the household is; never kept. */
  readonly near: Position | null;
  readonly limit: number;
}

export interface OptionSite {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind;
  readonly phone: string | null;
  readonly address: string | null;
  readonly position: Position | null;
}

/** So many places of one pool; `free` is everyone's, `free_for_you` the asking channel's. */
export interface OptionLine {
  readonly pool: string;
  readonly places: number;
  readonly unit: Unit;
  readonly audience: Audience;
  readonly sleeps: number | null;
  readonly free: number;
  readonly free_for_you: number;
  readonly observed_ms: number | null;
  readonly freshness: Freshness;
}

export interface Opening {
  readonly state: "open" | "closed" | "unknown";
  /** The moment of arrival that it speaks of. */
  readonly at_ms: number | null;
  /** The next opening, of a site that is closed then. */
  readonly next_ms: number | null;
}

/** One site's answer for the whole household: never a sum of several sites. */
export interface Option {
  readonly site: OptionSite;
  readonly lines: readonly OptionLine[];
  readonly persons: number;
  /** Nothing is promised of an unknown or stale number before someone has phoned (law 7). */
  readonly certainty: "certain" | "confirm_by_phone";
  readonly freshness: Freshness;
  readonly distance_m: number | null;
  /** An estimate, and said to be one. */
  readonly walk_minutes: number | null;
  readonly opening: Opening;
  readonly why: readonly string[];
}

/** What sets the first option before the second: a code, and the numbers of both where numbers tell it. */
export interface FirstBecause {
  readonly code: string;
  readonly first: number | null;
  readonly second: number | null;
}

export interface Availability {
  readonly options: readonly Option[];
  readonly server_ms: number;
  /** How many options there are in all: more than `options` when there are more than were asked for. */
  readonly found: number;
  /** How many there would be if none of the needs were asked for. */
  readonly unfiltered: number;
  /** How many sites were looked at. */
  readonly searched: number;
  readonly first_because: FirstBecause | null;
  /** What is to be said when nothing is certain: "nothing_fits", "nothing_free", "only_to_confirm". */
  readonly note: string | null;
}

export function searchQuery({ party, needs, channel, near, limit }: Search): URLSearchParams {
  const query = new URLSearchParams({
    women: String(party.women),
    men: String(party.men),
    children: String(party.children),
    channel,
    limit: String(limit),
  });
  for (const need of needs) query.set(need, "1");
  if (near !== null) query.set("near", `${near.lat},${near.lon}`);
  return query;
}

/** An option that this page cannot read (a kind or unit of a newer server) is left out: it cannot be shown truly. */
export function parseAvailability(data: unknown): Parsed<Availability> {
  return parsed(() => {
    const answer = fields(data, "answer");
    const options = list(answer.options, "options").map((one) => parsed(() => readOption(one)));
    const readable = options.flatMap((option) => (option.kind === "ok" ? [option.value] : []));
    return {
      options: readable,
      found: countOrNull(answer.found, "found") ?? readable.length,
      unfiltered: countOrNull(answer.unfiltered ?? answer.found, "unfiltered") ?? readable.length,
      server_ms: moment(answer.server_time, "server_time"),
      searched: count(answer.searched, "searched"),
      first_because: readBecause(answer.first_because),
      note: textOrNull(answer.note, "note"),
    };
  });
}

const FRESHNESS: Readonly<Record<Freshness, 1>> = { unknown: 1, fresh: 1, ageing: 1, stale: 1 };
const OPENINGS = { open: 1, closed: 1, unknown: 1 } as const;

function readOption(value: unknown): Option {
  const option = fields(value, "option");
  const site = fields(option.site, "site");
  const walk = fields(option.walk ?? {}, "walk");
  return {
    site: {
      id: text(site.id, "site.id"),
      name: text(site.name, "site.name"),
      kind: word(site.kind, KINDS, "site.kind"),
      phone: textOrNull(site.phone, "site.phone"),
      address: textOrNull(site.address, "site.address"),
      position: positionOrNull(site.position),
    },
    lines: list(option.lines, "lines").map((line, index) => readLine(line, `lines.${index}`)),
    persons: count(option.persons, "persons"),
    certainty: option.certainty === "certain" ? "certain" : "confirm_by_phone",
    freshness: word(option.freshness, FRESHNESS, "freshness"),
    distance_m: numberOrNull(option.distance_m),
    walk_minutes: numberOrNull(walk.minutes),
    opening: readOpening(fields(option.opening ?? { state: "unknown" }, "opening")),
    why: list(option.why ?? [], "why").map((code) => text(code, "why")),
  };
}

function readLine(value: unknown, path: string): OptionLine {
  const line = fields(value, path);
  return {
    pool: text(line.pool, `${path}.pool`),
    places: count(line.places, `${path}.places`),
    unit: word(line.unit, UNITS, `${path}.unit`),
    audience: word(line.audience, AUDIENCES, `${path}.audience`),
    sleeps: countOrNull(line.sleeps, `${path}.sleeps`),
    free: count(line.free, `${path}.free`),
    free_for_you: count(line.free_for_you, `${path}.free_for_you`),
    observed_ms: momentOrNull(line.observed_at, `${path}.observed_at`),
    freshness: word(line.freshness, FRESHNESS, `${path}.freshness`),
  };
}

function readOpening(opening: Fields): Opening {
  return {
    state: word(opening.state, OPENINGS, "opening.state"),
    at_ms: momentOrNull(opening.at, "opening.at"),
    next_ms: momentOrNull(opening.next, "opening.next"),
  };
}

function readBecause(value: unknown): FirstBecause | null {
  if (value === null || value === undefined) return null;
  const because = fields(value, "first_because");
  return {
    code: text(because.code, "first_because.code"),
    first: numberOrNull(because.first),
    second: numberOrNull(because.second),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
