/** Territories and sites, as the registry answers them. */

import type { Pool, Site } from "../board/selection";
import { AUDIENCES, KINDS, UNITS } from "../vocabulary/terms";
import { positionOrNull } from "./positions";
import { countOrNull, fields, list, type Parsed, parsed, text, textOrNull, word } from "./shape";

export interface Territory {
  readonly id: string;
  readonly name: string;
}

export function parseTerritories(data: unknown): Parsed<readonly Territory[]> {
  return parsed(() =>
    list(fields(data, "answer").territories, "territories").map((one, index) => {
      const territory = fields(one, `territories.${index}`);
      const id = text(territory.id, `territories.${index}.id`);
      return { id, name: textOrNull(territory.name, `territories.${index}.name`) ?? id };
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
    reminder_hours: list(site.reminder_hours ?? [], "reminder_hours").map((hour) =>
      text(hour, "reminder_hours"),
    ),
    pools: list(site.pools, "pools").map((pool, index) => readPool(pool, `pools.${index}`)),
    isProtected: site.visibility === "protected",
  };
}

function readPool(value: unknown, path: string): Pool {
  const pool = fields(value, path);
  return {
    id: text(pool.id, `${path}.id`),
    unit: word(pool.unit, UNITS, `${path}.unit`),
    sleeps: countOrNull(pool.sleeps, `${path}.sleeps`),
    audience: word(pool.audience, AUDIENCES, `${path}.audience`),
    traits: list(pool.traits ?? [], `${path}.traits`).map((trait) => text(trait, `${path}.traits`)),
  };
}
