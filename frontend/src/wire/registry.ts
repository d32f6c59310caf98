/** Territories and sites, as the registry answers them. */

import type { Pool, Site } from "../board/selection";
import { AUDIENCES, KINDS, UNITS } from "../vocabulary/terms";
import { positionOrNull } from "./positions";
import { countOrNull, each, fields, list, type Parsed, parsed, text, textOrNull, texts, word } from "./shape";

export interface Territory {
  readonly id: string;
  readonly name: string;
}

export function parseTerritories(data: unknown): Parsed<readonly Territory[]> {
  return parsed(() =>
    each(fields(data, "answer").territories, "territories", (one) => {
      const territory = fields(one, "territory");
      const id = text(territory.id, "id");
      return { id, name: textOrNull(territory.name, "name") ?? id };
    }),
  );
}

/**
 * The sites by id. One that this page cannot read (a kind or unit of a newer server) is left out and
 * counted in `unread`: its numbers still come by the feed, and the screens say that they lack a name.
 */
export function parseSites(data: unknown): Parsed<{ sites: ReadonlyMap<string, Site>; unread: number }> {
  return parsed(() => {
    const sites = new Map<string, Site>();
    let unread = 0;
    for (const one of list(fields(data, "answer").sites, "sites")) {
      const site = parsed(() => readSite(one));
      if (site.kind === "ok") sites.set(site.value.id, site.value);
      else unread += 1;
    }
    return { sites, unread };
  });
}

function readSite(value: unknown): Site {
  const site = fields(value, "site");
  return {
    id: text(site.id, "id"),
    name: text(site.name, "name"),
    kind: word(site.kind, KINDS, "kind"),
    address: textOrNull(site.address, "address"),
    position: positionOrNull(site.position),
    phone: textOrNull(site.phone, "phone"),
    opening_hours: textOrNull(site.opening_hours, "opening_hours"),
    reminder_hours: texts(site.reminder_hours ?? [], "reminder_hours"),
    pools: each(site.pools, "pools", readPool),
    isProtected: site.visibility === "protected",
  };
}

function readPool(value: unknown): Pool {
  const pool = fields(value, "pool");
  return {
    id: text(pool.id, "id"),
    unit: word(pool.unit, UNITS, "unit"),
    sleeps: countOrNull(pool.sleeps, "sleeps"),
    audience: word(pool.audience, AUDIENCES, "audience"),
    traits: texts(pool.traits ?? [], "traits"),
  };
}
