/** Why an option stands where it stands, in words; codes that a newer server adds are passed over. */

import { distanceInWords } from "./distance";
import { lasting } from "./moments";
import { figure, isOneOf } from "./terms";

type Tell = (first: number | null, second: number | null) => string;

const against = (words: (number: number) => string): Tell => {
  return (first, second) =>
    first === null || second === null ? "" : ` (${words(first)} contre ${words(second)} pour la suivante)`;
};
const several = (one: string, many: string) => (number: number) =>
  `${figure(number)} ${number < 2 ? one : many}`;
const just = (): string => "";

/** What the first option has before the second. */
const BECAUSE: Readonly<Record<string, readonly [string, Tell]>> = {
  only_one: ["c’est la seule possibilité", just],
  certain: ["son chiffre est sûr, celui de la suivante est à confirmer par téléphone", just],
  open_at_arrival: ["ouverte à l’arrivée, la suivante sera fermée", just],
  better_audience: ["elle accueille précisément ce ménage", just],
  fewer_pools: ["le ménage reste ensemble", against(several("groupe de places", "groupes de places"))],
  fewer_rooms: ["moins de chambres", against(several("chambre", "chambres"))],
  nearer: ["plus proche", against(distanceInWords)],
  hours_known: ["ses horaires sont connus, pas ceux de la suivante", just],
  fresher: ["chiffre plus récent", against((seconds) => lasting(seconds * 1000))],
  less_to_spare: ["juste la bonne taille", against(several("place en trop", "places en trop"))],
  by_name: ["à égalité avec la suivante, par ordre de nom", just],
};

/** One sentence, or null for a code that this page does not know. */
export function becauseInWords(
  because: { readonly code: string; readonly first: number | null; readonly second: number | null } | null,
): string | null {
  if (because === null || !isOneOf(BECAUSE, because.code)) return null;
  const [words, tell] = BECAUSE[because.code] ?? ["", just];
  return `En premier : ${words}${tell(because.first, because.second)}.`;
}

const WHY: Readonly<Record<string, string>> = {
  mixed_audience: "accueil mixte",
  women_and_men_apart: "femmes et hommes séparés, même structure",
  nearest: "la plus proche",
};

/** Only what is not already said by the option's own figures. */
export function whyInWords(codes: readonly string[]): string[] {
  return codes.filter((code) => isOneOf(WHY, code)).map((code) => WHY[code] ?? "");
}

/** An answer without any option: why, as the reason of an unmet request will say it. */
export function emptyInWords(note: string | null): string {
  return note === "nothing_fits"
    ? "Aucune structure n’accueille ce ménage"
    : "Tout ce qui convient est complet";
}
