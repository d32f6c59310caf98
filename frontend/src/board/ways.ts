/** The addresses that people are sent to. Apart from who is let in: a screen that lets its person in needs none of them. */

import type { Grant } from "../vocabulary/roles";

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
