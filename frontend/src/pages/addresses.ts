/** What a page's own address says. */

/** The site of `/halte/{site}`; empty when there is none. */
export function siteOfPath(path: string): string {
  const [, page, site] = path.split("/");
  if (page !== "halte" || site === undefined) return "";
  try {
    return decodeURIComponent(site);
  } catch {
    return site;
  }
}

/** `#lien=SECRET&vers=/regulation`: a link that signs in once, and where it leads. */
export function linkIn(fragment: string): { readonly secret: string | null; readonly way: string | null } {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  return { secret: words.get("lien") || null, way: words.get("vers") };
}

/** The code of `/appareil#K7F2-R9M4`; null when there is none. */
export function codeIn(fragment: string): string | null {
  try {
    return decodeURIComponent(fragment.replace(/^#/, "")) || null;
  } catch {
    return null;
  }
}
