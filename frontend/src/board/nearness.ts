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

/** Kilometres between the middles of two arrondissements; far beyond the city where one is not known. */
export function kilometresBetween(one: number | null, other: number | null): number {
  const [from, to] = [MIDDLES[(one ?? 0) - 1], MIDDLES[(other ?? 0) - 1]];
  if (from === undefined || to === undefined) return 99;
  return Math.hypot(from[0] - to[0], from[1] - to[1]);
}
