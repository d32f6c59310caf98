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
