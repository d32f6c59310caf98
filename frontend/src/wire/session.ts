/** Who is signed in here, and with what. */

import { type Grant, ROLES } from "../vocabulary/roles";
import {
  each,
  fields,
  flag,
  list,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  textOrNull,
  texts,
  word,
} from "./shape";

export const CREDENTIALS = { session: 1, device: 1, token: 1 } as const;
export const STEPS = { password: 1, totp: 1 } as const;
/** What a person must still do before anything else is allowed. */
export type Step = keyof typeof STEPS;

export interface Who {
  readonly kind: keyof typeof CREDENTIALS;
  readonly id: string;
  readonly label: string;
  readonly email: string | null;
  readonly needs: readonly Step[];
  readonly grants: readonly Grant[];
  readonly expires_ms: number | null;
}

/** Null: nobody. */
export function parseSession(data: unknown): Parsed<Who | null> {
  return parsed(() => {
    const session = fields(data, "session");
    if (!flag(session.signed_in, "signed_in")) return null;
    return {
      kind: word(session.kind, CREDENTIALS, "kind"),
      id: text(session.id, "id"),
      label: text(session.label, "label"),
      email: textOrNull(session.email, "email"),
      needs: list(session.needs ?? [], "needs").map((step) => word(step, STEPS, "needs")),
      grants: each(session.grants, "grants", readGrant),
      expires_ms: momentOrNull(session.expires_at, "expires_at"),
    };
  });
}

function readGrant(value: unknown): Grant {
  const grant = fields(value, "grant");
  return {
    territory: text(grant.territory, "territory"),
    role: word(grant.role, ROLES, "role"),
    sites: readSiteIds(grant.sites, "sites"),
  };
}

export const readSiteIds = (value: unknown, path: string): string[] => texts(value ?? [], path);

/** As it is kept on the device between two visits: the wire's own shape, read with the same distrust. */
export function keptSession({ expires_ms, ...who }: Who): string {
  const expires_at = expires_ms === null ? null : new Date(expires_ms).toISOString();
  return JSON.stringify({ ...who, expires_at, signed_in: true });
}
