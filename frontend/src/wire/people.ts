/** The people of a territory, and what its administration did. */

import { ROLES, type Role } from "../vocabulary/roles";
import { readSiteIds } from "./session";
import {
  fields,
  flag,
  list,
  moment,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  textOrNull,
  word,
} from "./shape";

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly sites: readonly string[];
  readonly created_ms: number | null;
  readonly used_ms: number | null;
  readonly disabled: boolean;
  readonly has_password: boolean;
  readonly has_totp: boolean;
}

export const parsePeople = (data: unknown): Parsed<readonly Person[]> =>
  parsed(() =>
    list(fields(data, "answer").people, "people").map((one, index) => readPerson(one, `people.${index}`)),
  );

export const parsePerson = (data: unknown): Parsed<Person> =>
  parsed(() => readPerson(fields(data, "answer").person, "person"));

/** A link that signs in once: shown now and never again. */
export interface OnceLink {
  readonly link: string;
  readonly expires_ms: number | null;
}

export const parseLink = (data: unknown): Parsed<OnceLink> =>
  parsed(() => {
    const answer = fields(data, "answer");
    return {
      link: text(answer.link, "link"),
      expires_ms: momentOrNull(answer.link_expires_at, "link_expires_at"),
    };
  });

function readPerson(value: unknown, path: string): Person {
  const person = fields(value, path);
  return {
    id: text(person.id, `${path}.id`),
    email: text(person.email, `${path}.email`),
    role: word(person.role, ROLES, `${path}.role`),
    sites: readSiteIds(person.sites, `${path}.sites`),
    created_ms: momentOrNull(person.created_at, `${path}.created_at`),
    used_ms: momentOrNull(person.last_used_at, `${path}.last_used_at`),
    disabled: flag(person.disabled ?? false, `${path}.disabled`),
    has_password: flag(person.has_password, `${path}.has_password`),
    has_totp: flag(person.has_totp, `${path}.has_totp`),
  };
}

export interface AuditEvent {
  /** Where the next older page begins. */
  readonly id: string;
  readonly at_ms: number;
  readonly actor: { readonly role: string; readonly kind: string; readonly label: string };
  /** One of the service's words; a newer service may have more. */
  readonly action: string;
  readonly subject: string;
}

export const parseAudit = (data: unknown): Parsed<readonly AuditEvent[]> =>
  parsed(() =>
    list(fields(data, "answer").events, "events").map((one, index) => {
      const event = fields(one, `events.${index}`);
      const actor = fields(event.actor, `events.${index}.actor`);
      return {
        id: String(event.id),
        at_ms: moment(event.at, `events.${index}.at`),
        actor: {
          role: textOrNull(actor.role, "role") ?? "",
          kind: textOrNull(actor.kind, "kind") ?? "",
          label: textOrNull(actor.label, "label") ?? "",
        },
        action: text(event.action, `events.${index}.action`),
        subject: textOrNull(event.subject, `events.${index}.subject`) ?? "",
      };
    }),
  );

export interface TerritoryState {
  readonly id: string;
  readonly name: string;
  readonly is_public: boolean;
}

export const parseTerritory = (data: unknown): Parsed<TerritoryState> =>
  parsed(() => {
    const territory = fields(fields(data, "answer").territory, "territory");
    const id = text(territory.id, "id");
    return {
      id,
      name: textOrNull(territory.name, "name") ?? id,
      is_public: flag(territory.is_public, "is_public"),
    };
  });
