/** What the administration of a territory reads and writes: sites, people, the audit, and who may look. */

import type { Role } from "../vocabulary/roles";
import {
  type AuditEvent,
  type OnceLink,
  type Person,
  parseAudit,
  parseLink,
  parsePeople,
  parsePerson,
  parseTerritory,
  type TerritoryState,
} from "../wire/people";
import type { Problem } from "../wire/problems";
import type { Parsed } from "../wire/shape";
import { parseRegisteredSite, parseRegisteredSites, type RegisteredSite } from "../wire/sites";
import { type Answer, ask, pathOf, readNothing, readPlainRefusal } from "./asking";

type Method = "GET" | "POST" | "PUT" | "DELETE";

const say = <T>(method: Method, path: string, read: (data: unknown) => Parsed<T>, body?: object) =>
  ask<T, Problem>({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    read,
    readRefusal: readPlainRefusal,
  });

export const registeredSites = (territory: string): Promise<Answer<readonly RegisteredSite[]>> =>
  say("GET", pathOf(territory, "sites"), parseRegisteredSites);

export const putSite = (territory: string, site: RegisteredSite): Promise<Answer<RegisteredSite>> =>
  say("PUT", pathOf(territory, "sites", site.id), parseRegisteredSite, site);

/** For good: its places leave the board, its history stays. */
export const closeSite = (territory: string, site_id: string): Promise<Answer<null>> =>
  say("DELETE", pathOf(territory, "sites", site_id), readNothing);

export interface Part {
  readonly role: Role;
  readonly sites: readonly string[];
}

export const peopleOf = (territory: string): Promise<Answer<readonly Person[]>> =>
  say("GET", pathOf(territory, "people"), parsePeople);

export const invite = (territory: string, email: string, part: Part): Promise<Answer<OnceLink>> =>
  say("POST", pathOf(territory, "people"), parseLink, { email, ...part });

export const changePerson = (territory: string, id: string, part: Part): Promise<Answer<Person>> =>
  say("PUT", pathOf(territory, "people", id), parsePerson, part);

export const removePerson = (territory: string, id: string): Promise<Answer<null>> =>
  say("DELETE", pathOf(territory, "people", id), readNothing);

export const newLink = (territory: string, id: string): Promise<Answer<OnceLink>> =>
  say("POST", pathOf(territory, "people", id, "link"), parseLink);

export function auditOf(territory: string, before: string | null): Promise<Answer<readonly AuditEvent[]>> {
  const query = new URLSearchParams({ limit: "50", ...(before === null ? {} : { before }) });
  return say("GET", `${pathOf(territory, "audit")}?${query}`, parseAudit);
}

export const territoryState = (territory: string): Promise<Answer<TerritoryState>> =>
  say("GET", pathOf(territory), parseTerritory);

export const setPublic = (territory: string, is_public: boolean): Promise<Answer<null>> =>
  say("PUT", pathOf(territory, "publicity"), readNothing, { is_public });
