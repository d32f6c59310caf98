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

/** One, several, and what one of them is when it is taken or given back. */
export const UNITS = {
  place: { one: "place", many: "places", arrival: "arrivée", departure: "départ" },
  bed: { one: "lit", many: "lits", arrival: "arrivée", departure: "départ" },
  armchair: { one: "fauteuil", many: "fauteuils", arrival: "arrivée", departure: "départ" },
  room: { one: "chambre", many: "chambres", arrival: "chambre prise", departure: "chambre rendue" },
  locker: { one: "casier", many: "casiers", arrival: "casier pris", departure: "casier rendu" },
  meal: { one: "repas", many: "repas", arrival: "repas servi", departure: "repas rendu" },
  shower: { one: "douche", many: "douches", arrival: "entrée", departure: "sortie" },
} as const;
export type Unit = keyof typeof UNITS;

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

export const TRAITS: Readonly<Record<string, string>> = {
  wheelchair: "accessible PMR",
  pets: "animaux acceptés",
  babies: "bébés",
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

/** The unit's word alone; French says "0 place" and "1 place", then "2 places". */
export function named(count: number, unit: Unit): string {
  return Math.abs(count) < 2 ? UNITS[unit].one : UNITS[unit].many;
}

const FIGURES = new Intl.NumberFormat("fr-FR");

export function figure(count: number): string {
  return FIGURES.format(count);
}

export function isOneOf<Words extends object>(words: Words, word: unknown): word is keyof Words {
  return typeof word === "string" && Object.hasOwn(words, word);
}
