/**
 * What the worker answers itself. Of the service's own answers it keeps nothing: they are for who asked, and may tell
 * where a protected site is. It keeps the built files of the pages that were opened here, which are everybody's.
 */

/** A built file: hashed names never change, the others come with a revision. `pages` are those that may need it. */
export interface Built {
  readonly url: string;
  readonly revision?: string;
  readonly pages?: readonly string[];
}

/** Pages that are of use without the service: each with any address that its own HTML is served at. */
export const KEPT_PAGES: Readonly<Record<string, string>> = {
  mur: "/mur",
  maraude: "/maraude",
  halte: "/halte/-",
  regulation: "/regulation",
};
export const WITHOUT_NETWORK = "/hors-ligne.html";

export type Way =
  /** From what is kept, else from the service. */
  | { readonly kind: "kept"; readonly key: string }
  /** From the service, else the page that says that there is no network. */
  | { readonly kind: "fresh" }
  /** Nothing for the worker: as if it were not there. */
  | { readonly kind: "pass" };

/** How a GET of our own host is answered. */
export function wayOf(path: string, isNavigation: boolean): Way {
  if (path.startsWith("/assets/") || path === "/early.js") return { kind: "kept", key: path };
  if (!isNavigation) return { kind: "pass" };
  if (path === "/") return { kind: "fresh" };
  const page = pageAt(path);
  return page === null ? { kind: "pass" } : { kind: "kept", key: KEPT_PAGES[page] ?? path };
}

/** The page that is served at an address; the search part of an address chooses no other page. */
export function pageAt(path: string): string | null {
  const found = /^\/(mur|maraude|regulation|halte\/[^/]+)$/.exec(path)?.[1];
  return found === undefined ? null : (found.split("/")[0] ?? null);
}

/** Where a built file is fetched from, and under which name it is kept: a page by its address and revision. */
export function addressOf({ url, revision }: Built): string {
  if (revision === undefined) return `/${url}`;
  const address = KEPT_PAGES[url.replace(".html", "")] ?? `/${url}`;
  return `${address}?revision=${revision}`;
}

/** The built files that these pages need, and what every device keeps. */
export function neededBy(pages: ReadonlySet<string>, files: readonly Built[]): string[] {
  return files
    .filter(({ pages: users }) => users === undefined || users.some((page) => pages.has(page)))
    .map(addressOf);
}

/** The pages of which something is kept under these names. */
export function pagesAmong(addresses: readonly string[]): Set<string> {
  return new Set(
    addresses.flatMap((address) => pageAt(address.split("?")[0]?.replace(/^.*:\/\/[^/]+/, "") ?? "") ?? []),
  );
}
