/** The words of the domain as the wire spells them, and as the screens say them in French. */

export const KINDS = {
  shelter: "centre d’hébergement",
  night_halte: "halte de nuit",
  women_halte: "halte femmes",
  family_halte: "halte familles",
  day_centre: "accueil de jour",
  esi: "espace solidarité insertion",
  social_hotel: "hôtel social",
  cold_plan: "gymnase, plan grand froid",
  bathhouse: "bains-douches",
  luggage: "bagagerie",
  restaurant: "restaurant solidaire",
  food_distribution: "distribution de repas",
} as const;
export type Kind = keyof typeof KINDS;

export const AUDIENCES = {
  women: "femmes",
  families: "familles",
  men: "hommes",
  couples: "couples",
  mixed: "mixte",
  minors: "mineurs",
} as const;
export type Audience = keyof typeof AUDIENCES;

/** How a pool's audience is said beside its places: "39 places, femmes seules". */
export const AUDIENCE_PHRASES: Record<Audience, string> = {
  women: "femmes seules",
  families: "familles",
  men: "hommes seuls",
  couples: "couples",
  mixed: "tout public",
  minors: "mineurs",
};

/** One, several, what it is when one is taken or given back, and the word for "occupied" as this unit wants it. */
export const UNITS = {
  place: { one: "place", many: "places", arrival: "arrivée", departure: "départ", taken: "occupée" },
  bed: { one: "lit", many: "lits", arrival: "arrivée", departure: "départ", taken: "occupé" },
  armchair: { one: "fauteuil", many: "fauteuils", arrival: "arrivée", departure: "départ", taken: "occupé" },
  room: {
    one: "chambre",
    many: "chambres",
    arrival: "chambre prise",
    departure: "chambre rendue",
    taken: "occupée",
  },
  locker: {
    one: "casier",
    many: "casiers",
    arrival: "casier pris",
    departure: "casier rendu",
    taken: "occupé",
  },
  meal: { one: "repas", many: "repas", arrival: "repas servi", departure: "repas rendu", taken: "servi" },
  shower: { one: "douche", many: "douches", arrival: "entrée", departure: "sortie", taken: "occupée" },
} as const;
export type Unit = keyof typeof UNITS;

/** "occupée", "occupées", "servis": one or several of a unit with someone in them. */
export function occupiedWords(count: number, unit: Unit): string {
  return UNITS[unit].taken + (Math.abs(count) < 2 ? "" : "s");
}

export const STATUSES = {
  open: "ouvert",
  draining: "plus d’arrivées",
  suspended: "suspendu",
  closed: "fermé",
} as const;
export type Status = keyof typeof STATUSES;

export const REASONS = {
  works: "travaux",
  pests: "nuisibles",
  outbreak: "épidémie",
  staffing: "manque de personnel",
  cleaning: "nettoyage",
  other: "autre raison",
} as const;
export type Reason = keyof typeof REASONS;

/** Why arrivals are suspended; the wire takes any slug here. */
export const SUSPENSIONS = {
  staffing: "manque de personnel",
  heating: "chauffage en panne",
  water: "coupure d’eau ou d’électricité",
  outbreak: "épidémie",
  pests: "nuisibles",
  safety: "sécurité",
  works: "travaux",
  other: "autre raison",
} as const;

export const TRAITS: Readonly<Record<string, string>> = {
  wheelchair: "accessible PMR",
  pets: "animaux acceptés",
  babies: "bébés accueillis",
};

/** What a household may be looking for; every unit and kind belongs to one need. */
export const NEEDS = {
  sleep: "Dormir",
  day: "Accueil de jour",
  shower: "Douche",
  luggage: "Bagages",
  eat: "Manger",
} as const;
export type Need = keyof typeof NEEDS;

const NEED_OF_UNIT: Partial<Record<Unit, Need>> = { shower: "shower", locker: "luggage", meal: "eat" };
const NEED_OF_KIND: Partial<Record<Kind, Need>> = {
  day_centre: "day",
  esi: "day",
  bathhouse: "shower",
  luggage: "luggage",
  restaurant: "eat",
  food_distribution: "eat",
};

/** The need that a pool answers: its unit decides, else the kind of its site, else it is a place to sleep. */
export function needOf(unit: Unit, kind: Kind): Need {
  return NEED_OF_UNIT[unit] ?? NEED_OF_KIND[kind] ?? "sleep";
}

export function counted(count: number, unit: Unit): string {
  return `${figure(count)} ${named(count, unit)}`;
}

/** What a pool is, with the places that it normally has: "39 places, femmes seules", "8 chambres pour 3, familles". */
export function poolName(pool: PoolWords, capacity: number): string {
  return `${counted(capacity, pool.unit)}${pool.sleeps === null ? "" : ` pour ${pool.sleeps}`}, ${AUDIENCE_PHRASES[pool.audience]}`;
}

interface PoolWords {
  readonly unit: Unit;
  readonly sleeps: number | null;
  readonly audience: Audience;
}

/** A movement as its button says it: "+1 arrivée", "−1 chambre rendue". */
export function movementWords(delta: number, unit: Unit): string {
  const { arrival, departure } = UNITS[unit];
  return delta > 0 ? `+${delta} ${arrival}` : `−${-delta} ${departure}`;
}

/** The unit's word alone; French says "0 place" and "1 place", then "2 places". */
export function named(count: number, unit: Unit): string {
  return Math.abs(count) < 2 ? UNITS[unit].one : UNITS[unit].many;
}

const SHORT: Partial<Record<Unit, string>> = { place: "pl.", armchair: "faut.", room: "ch." };

/** The unit's word where there is room for a few signs only: "pl.", "lits", "ch.". */
export function shortName(count: number, unit: Unit): string {
  return SHORT[unit] ?? named(count, unit);
}

/** "libre", "libres". */
export const freeWords = (count: number): string => (count < 2 ? "libre" : "libres");

let figures: Intl.NumberFormat | undefined;

/** Small counts are written as they are: the formatter of large ones costs a slow phone a third of a second to make. */
export function figure(count: number): string {
  if (Number.isInteger(count) && count >= 0 && count < 1000) return String(count);
  figures ??= new Intl.NumberFormat("fr-FR");
  return figures.format(count);
}

export function isOneOf<Words extends object>(words: Words, word: unknown): word is keyof Words {
  return typeof word === "string" && Object.hasOwn(words, word);
}
