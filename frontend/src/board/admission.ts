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

/** Where somebody with this grant works: the address of their own screen. */
export function ownScreen({ role, sites, territory }: Grant): string {
  const query = `?territory=${encodeURIComponent(territory)}`;
  if (role === "operator") return `/regulation${query}`;
  if (role === "maraude") return `/maraude${query}`;
  if (role === "wall") return `/mur${query}`;
  if (role === "admin") return `/admin${query}`;
  const [site] = sites;
  return role === "staff" && site !== undefined
    ? `/halte/${encodeURIComponent(site)}${query}`
    : `/ecrans${query}`;
}

/** A way on this service that an address proposes; null for one that leads elsewhere. */
export function wayWithin(way: string | null): string | null {
  return way !== null && /^\/(?![/\\])[^\\\s]*$/.test(way) ? way : null;
}

/** Where one signs in and comes back to this way; what stands behind its `#` never reaches the server. */
export function signInTowards(way: string): string {
  return `/connexion${way.includes("#") ? "#" : "?"}vers=${encodeURIComponent(way)}`;
}
