/** How far, in French. */

/** "850 m", "1,2 km", "12 km". */
export function distanceInWords(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  const kilometres = metres / 1000;
  return `${(kilometres < 10 ? Math.round(kilometres * 10) / 10 : Math.round(kilometres)).toLocaleString("fr-FR")} km`;
}
