/**
 * What an operator types while a caller speaks: "1f 2e a pmr 18e" is one woman, two children, a pet, a
 * wheelchair, near the 18th. Pure, in both directions, so that the line and the fields are the same thing.
 *
 * "2e" is two children the first time and the 2nd arrondissement once the children are said; from 10 on it is
 * always the arrondissement ("12 enfants" says twelve children). Every word that was not understood is told.
 */

import { LANDMARKS } from "../vocabulary/landmarks";
import { NOBODY, PARTY_MOST, type Party } from "../vocabulary/parties";
import { folded } from "../vocabulary/places";
import type { RequestNeed } from "../vocabulary/requests";
import { middleOf, type Position } from "./nearness";

/** `key` is the word that says it in the line: "18e", "nord". */
export interface Whereabouts {
  readonly key: string;
  readonly arrondissement: number;
  readonly position: Position;
  /** "18e" or "gare du Nord". */
  readonly name: string;
}

export interface Wish {
  readonly party: Party;
  readonly needs: readonly RequestNeed[];
  readonly where: Whereabouts | null;
  /** The code that the household got at its first call of the night: "M4R8". */
  readonly contact: string | null;
  /** Words that mean nothing here, as they were typed. */
  readonly unknown: readonly string[];
}

const PEOPLE: Readonly<Record<string, keyof Party>> = {
  f: "women",
  fem: "women",
  femme: "women",
  h: "men",
  hom: "men",
  homme: "men",
  e: "children",
  enf: "children",
  enfant: "children",
  mineur: "children",
};
const NEEDS: Readonly<Record<string, RequestNeed>> = {
  a: "pets",
  ani: "pets",
  animal: "pets",
  animaux: "pets",
  chien: "pets",
  chat: "pets",
  p: "wheelchair",
  pmr: "wheelchair",
  fauteuil: "wheelchair",
  handicap: "wheelchair",
  b: "babies",
  bb: "babies",
  bebe: "babies",
  nourrisson: "babies",
  poussette: "babies",
};
/** Small words that carry nothing. */
const FILLING = new Set([
  "et",
  "avec",
  "un",
  "une",
  "de",
  "du",
  "des",
  "la",
  "le",
  "les",
  "l",
  "d",
  "gare",
  "porte",
]);
/** On a French keyboard the digits need Shift: "&f ée" is "1f 2e". */
const UNSHIFTED: Readonly<Record<string, string>> = {
  "&": "1",
  é: "2",
  '"': "3",
  "'": "4",
  "(": "5",
  "-": "6",
  è: "7",
  _: "8",
  ç: "9",
  à: "0",
};
const UNSHIFTED_COUNT = /(^|[\s,])([&é"'(\-è_çà]{1,2})(?=[fhe](?:$|[\s,&é"'(\-è_çà\d]))/gi;
/** A code stands alone, so that "1f2h3e" stays people. The signs are those of codes that are said aloud. */
const CODE = /(^|[\s,;])((?:[fhjklmpqrwxyz][2-9]){2,3})(?=$|[\s,;])/g;
const WORD = /(\d+)\s*([a-z]+)?|[a-z]+|[^\s,;.+\-'"]+/g;

export function parseWish(text: string): Wish {
  const party = { ...NOBODY };
  const needs = new Set<RequestNeed>();
  const said = new Set<keyof Party>();
  const unknown: string[] = [];
  let where: Whereabouts | null = null;
  let contact: string | null = null;

  function count(people: keyof Party, number: number): void {
    party[people] = Math.min(PARTY_MOST, party[people] + number);
    said.add(people);
  }

  function take(number: number | null, word: string): boolean {
    const place = number === null ? landmarkOf(word) : arrondissementIn(number, word, said.has("children"));
    if (place !== null) {
      where = place;
      return true;
    }
    if (isOrdinal(number, word, said.has("children"))) return false;
    const people = meaning(PEOPLE, word);
    if (people !== undefined) {
      count(people, number ?? 1);
      return true;
    }
    if (word === "couple") {
      count("women", 1);
      count("men", 1);
      return true;
    }
    const need = meaning(NEEDS, word);
    if (need !== undefined) {
      needs.add(need);
      if (need === "babies" && number !== null) count("children", number);
      return true;
    }
    return number === null && FILLING.has(word);
  }

  const others = readable(text).replace(CODE, (_, before: string, code: string) => {
    contact = code.toUpperCase();
    return before;
  });
  for (const [whole, digits, word] of others.matchAll(WORD)) {
    const number = digits === undefined ? null : Number(digits);
    if (!take(number, digits === undefined ? whole : (word ?? ""))) unknown.push(whole.trim());
  }
  return { party, needs: [...needs], where, contact, unknown };
}

/** The same wish in the shortest words of the line, without what was not understood. */
export function writeWish({ party, needs, where, contact }: Omit<Wish, "unknown">): string {
  const words = [
    party.women > 0 ? `${party.women}f` : "",
    party.men > 0 ? `${party.men}h` : "",
    // From ten on "10e" would be the arrondissement; and "0e" lets a small arrondissement be one.
    childrenWord(party.children, where),
    ...needs.map((need) => NEED_WORDS[need]),
    where?.key ?? "",
    contact ?? "",
  ];
  return words.filter(Boolean).join(" ");
}

const NEED_WORDS: Record<RequestNeed, string> = { pets: "a", wheelchair: "pmr", babies: "bb" };

function childrenWord(children: number, where: Whereabouts | null): string {
  if (children >= 10) return `${children} enfants`;
  if (children > 0) return `${children}e`;
  return where !== null && /^[2-9]e$/.test(where.key) ? "0e" : "";
}

/** The arrondissement as a place to start from; null for one that Paris has not. */
export function whereaboutsOf(arrondissement: number): Whereabouts | null {
  const position = middleOf(arrondissement);
  if (position === null) return null;
  const name = arrondissement === 1 ? "1er" : `${arrondissement}e`;
  return { key: name, arrondissement, position, name };
}

function landmarkOf(word: string): Whereabouts | null {
  const found = meaning(LANDMARKS, word);
  if (found === undefined) return null;
  const { name, arrondissement, lat, lon } = found;
  return { key: word, arrondissement, position: { lat, lon }, name };
}

/** "75018", "18e", "1er", "5eme", "5arr"; "2e" only once the children are said. */
function arrondissementIn(number: number, word: string, areChildrenSaid: boolean): Whereabouts | null {
  if (word === "") return number > 75_000 && number <= 75_020 ? whereaboutsOf(number - 75_000) : null;
  return isOrdinal(number, word, areChildrenSaid) ? whereaboutsOf(number) : null;
}

function isOrdinal(number: number | null, word: string, areChildrenSaid: boolean): boolean {
  if (number === null) return false;
  if (word === "e") return number >= 10 || areChildrenSaid;
  return ["er", "eme", "ieme", "arr", "ar"].includes(word);
}

/** What a word or its singular means; nothing of an object's own inheritance. */
function meaning<T>(words: Readonly<Record<string, T>>, word: string): T | undefined {
  const known = [word, word.replace(/s$/, "")].find((form) => Object.hasOwn(words, form));
  return known === undefined ? undefined : words[known];
}

function readable(text: string): string {
  const counted = text.replace(
    UNSHIFTED_COUNT,
    (_, before: string, signs: string) =>
      before + [...signs].map((sign) => UNSHIFTED[sign.toLowerCase()]).join(""),
  );
  return folded(counted);
}
