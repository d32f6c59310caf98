/** Where a site is, in the words that a team uses on the street. */

const PARIS_POSTCODE = /\b75[01](\d\d)\b/;

/** The arrondissement of a Paris address from its postcode, 1 to 20; null elsewhere or when it is not said. */
export function arrondissementOf(address: string | null): number | null {
  const number = Number(address?.match(PARIS_POSTCODE)?.[1] ?? Number.NaN);
  return number >= 1 && number <= 20 ? number : null;
}

export function ordinal(arrondissement: number): string {
  return arrondissement === 1 ? "1er" : `${arrondissement}e`;
}

/** A site's name where few signs have room: "CHU" is how the field says the longest of its words. */
export function shortSite(name: string): string {
  return name.replace(/^Centre d[’']hébergement (?:d[’']urgence )?/i, "CHU ");
}

/** A phone number as `tel:` wants it, without the "(0)" that is only dialled at home; null when it cannot be dialled. */
export function dialled(phone: string | null): string | null {
  const digits = phone?.replace(/^(\+\d+\s*)\(0\)/, "$1").replace(/[\s.()-]/g, "") ?? "";
  return /^\+?\d{2,15}$/.test(digits) ? digits : null;
}

const FOLDED = /[\u0300-\u036f]/g;

/** A text as a search compares it: without case, accents or typographic marks. */
export function folded(text: string): string {
  return text.normalize("NFD").replace(FOLDED, "").replace(/[’']/g, " ").toLowerCase().replaceAll("œ", "oe");
}
