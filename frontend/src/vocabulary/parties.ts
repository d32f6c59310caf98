/** Who is looking for a place: numbers only, never a name (law 9). */

export interface Party {
  readonly women: number;
  readonly men: number;
  readonly children: number;
}

export const NOBODY: Party = { women: 0, men: 0, children: 0 };
/** The most of each that a party may have on the wire. */
export const PARTY_MOST = 50;

export const persons = ({ women, men, children }: Party): number => women + men + children;

/** "1 femme, 2 enfants"; "personne" when nobody is counted. */
export function partyInWords({ women, men, children }: Party): string {
  const parts = [several(women, "femme"), several(men, "homme"), several(children, "enfant")];
  return parts.filter(Boolean).join(", ") || "personne";
}

function several(count: number, word: string): string {
  if (count === 0) return "";
  return `${count} ${word}${count < 2 ? "" : "s"}`;
}

/** As operators write it down: "1f 2e". */
export function partyInShort({ women, men, children }: Party): string {
  const parts = [women > 0 ? `${women}f` : "", men > 0 ? `${men}h` : "", children > 0 ? `${children}e` : ""];
  return parts.filter(Boolean).join(" ");
}
