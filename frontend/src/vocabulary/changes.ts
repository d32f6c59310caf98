/** What changed between two pictures of a list, as one sentence. */

const NAMED_MOST = 3;

/** "" when nothing did. Rows that came or went are no change of a row. */
export function changesInWords(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string {
  const changed = [...after].filter(([id, words]) => before.has(id) && before.get(id) !== words);
  if (changed.length === 0) return "";
  const named = changed.slice(0, NAMED_MOST).map(([, words]) => words);
  const others = changed.length - named.length;
  return `${named.join(" ; ")}${others === 0 ? "" : ` ; et ${others} ${others < 2 ? "autre" : "autres"}`}.`;
}
