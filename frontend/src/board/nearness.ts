/** How far a place is: from an arrondissement that a team names, or from where a phone stands. Told to nobody. */

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

/** Degrees to a thousandth: about a hundred metres, which is all that the middle of an arrondissement is good for. */
const rounded = (degrees: number): number => Math.round(degrees * 1000) / 1000;

const EARTH_RADIUS_METRES = 6_371_008.8;
/** Streets are longer than the straight line by about this much, and a household with bags and children walks slowly. */
const DETOUR = 1.3;
const WALKING_METRES_A_SECOND = 1.25;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The great circle between two points, in whole metres. */
export function metresBetween(one: Position, other: Position): number {
  const halves = [radians(other.lat - one.lat) / 2, radians(other.lon - one.lon) / 2] as const;
  const chord =
    Math.sin(halves[0]) ** 2 +
    Math.cos(radians(one.lat)) * Math.cos(radians(other.lat)) * Math.sin(halves[1]) ** 2;
  return Math.round(2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(chord))));
}

/** Minutes on foot for so many metres as the crow flies: an estimate, and to be shown as one. */
export const walkingMinutes = (metres: number): number =>
  Math.ceil((metres * DETOUR) / WALKING_METRES_A_SECOND / 60);
