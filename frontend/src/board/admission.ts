/** Which screen is for whom. The service decides anew at each request; this only spares people a wall of refusals. */

import type { Grant, Role } from "../vocabulary/roles";

export type PageName = "mur" | "maraude" | "halte" | "regulation" | "admin" | "appareil";

const USERS: Record<PageName, ReadonlySet<Role>> = {
  mur: new Set<Role>(["admin", "operator", "maraude", "staff", "wall"]),
  maraude: new Set<Role>(["admin", "maraude"]),
  halte: new Set<Role>(["admin", "operator", "staff"]),
  regulation: new Set<Role>(["admin", "operator"]),
  admin: new Set<Role>(["admin"]),
  appareil: new Set<Role>(["admin", "operator"]),
};

/** `door`: nobody is signed in for this territory. `elsewhere`: somebody is, whose screen is another one. */
export type Admission = "in" | "door" | "elsewhere";

/** `site_id` is the one of a halte's page. Anyone may try the wall: a territory may let everybody read. */
export function admissionTo(page: PageName, grant: Grant | null, site_id: string | null = null): Admission {
  if (grant === null) return page === "mur" ? "in" : "door";
  if (!USERS[page].has(grant.role)) return "elsewhere";
  const isForeign = site_id !== null && grant.role === "staff" && !grant.sites.includes(site_id);
  return isForeign ? "elsewhere" : "in";
}
