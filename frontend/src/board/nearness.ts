/** Which arrondissement is how far from another: for a team that says where it stands, without any position. */

/** The middle of each arrondissement, 1st to 20th, in kilometres east and north of the Hôtel de Ville (rounded). */
const MIDDLES: readonly (readonly [number, number])[] = [
  [-1.1, 0.7],
  [-0.7, 1.3],
  [0.6, 0.7],
  [0.4, -0.2],
  [0, -1.3],
  [-1.4, -0.8],
  [-2.9, 0],
  [-2.8, 1.8],
  [-1.1, 2.3],
  [0.6, 2.2],
  [2, 0.3],
  [2.8, -1.7],
  [0.7, -3.2],
  [-1.9, -2.9],
  [-4, -1.8],
  [-5.6, 0.6],
  [-3.3, 3.4],
  [-0.3, 4],
  [2.5, 3.3],
  [3.5, 0.7],
];

/** The Hôtel de Ville, from which the middles are measured, and how long a degree is there. */
const HEART = { lat: 48.8566, lon: 2.3522 } as const;
const KM_A_DEGREE = { lat: 111.2, lon: 73.2 } as const;

export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** The middle of an arrondissement, to some hundred metres; null when there is none of that number. */
export function middleOf(arrondissement: number): Position | null {
  const middle = MIDDLES[arrondissement - 1];
  if (middle === undefined) return null;
  const [east, north] = middle;
  return {
    lat: rounded(HEART.lat + north / KM_A_DEGREE.lat),
    lon: rounded(HEART.lon + east / KM_A_DEGREE.lon),
  };
}

/** Degrees to a thousandth: about a hundred metres, and no more than that is ever sent. */
export const rounded = (degrees: number): number => Math.round(degrees * 1000) / 1000;

/** Kilometres between the middles of two arrondissements; far beyond the city where one is not known. */
export function kilometresBetween(one: number | null, other: number | null): number {
  const [from, to] = [MIDDLES[(one ?? 0) - 1], MIDDLES[(other ?? 0) - 1]];
  if (from === undefined || to === undefined) return 99;
  return Math.hypot(from[0] - to[0], from[1] - to[1]);
}
