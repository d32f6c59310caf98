/** Where callers say they are: stations and squares of Paris, by the word that an operator types. */

export interface Landmark {
  readonly name: string;
  readonly arrondissement: number;
  readonly lat: number;
  readonly lon: number;
}

const mark = (name: string, arrondissement: number, lat: number, lon: number): Landmark => ({
  name,
  arrondissement,
  lat,
  lon,
});

/** Rounded to some hundred metres; the keys are folded: no accents, no capitals. */
export const LANDMARKS: Readonly<Record<string, Landmark>> = {
  nord: mark("gare du Nord", 10, 48.88, 2.355),
  est: mark("gare de l’Est", 10, 48.877, 2.359),
  lyon: mark("gare de Lyon", 12, 48.844, 2.374),
  austerlitz: mark("gare d’Austerlitz", 13, 48.842, 2.365),
  montparnasse: mark("gare Montparnasse", 15, 48.841, 2.32),
  lazare: mark("gare Saint-Lazare", 8, 48.876, 2.325),
  bercy: mark("Bercy", 12, 48.839, 2.383),
  chatelet: mark("Châtelet", 1, 48.858, 2.347),
  halles: mark("les Halles", 1, 48.862, 2.346),
  republique: mark("République", 3, 48.867, 2.364),
  bastille: mark("Bastille", 11, 48.853, 2.369),
  nation: mark("Nation", 12, 48.848, 2.396),
  belleville: mark("Belleville", 20, 48.872, 2.377),
  barbes: mark("Barbès", 18, 48.884, 2.349),
  stalingrad: mark("Stalingrad", 19, 48.884, 2.366),
  villette: mark("porte de la Villette", 19, 48.898, 2.386),
  chapelle: mark("porte de la Chapelle", 18, 48.898, 2.359),
  clignancourt: mark("porte de Clignancourt", 18, 48.897, 2.345),
  clichy: mark("place de Clichy", 18, 48.884, 2.327),
  invalides: mark("Invalides", 7, 48.861, 2.315),
  italie: mark("place d’Italie", 13, 48.831, 2.356),
  denfert: mark("Denfert-Rochereau", 14, 48.834, 2.332),
  auteuil: mark("porte d’Auteuil", 16, 48.848, 2.258),
  bagnolet: mark("porte de Bagnolet", 20, 48.864, 2.409),
};
