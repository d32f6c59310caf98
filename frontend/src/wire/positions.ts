/** Where something is, in degrees (WGS 84). */

import type { Position } from "../board/nearness";

/** Null where none is said, and for one that makes no sense: how far it is then goes unsaid, and nothing else is lost. */
export function positionOrNull(value: unknown): Position | null {
  if (typeof value !== "object" || value === null || !("lat" in value) || !("lon" in value)) return null;
  const { lat, lon } = value;
  if (typeof lat !== "number" || typeof lon !== "number") return null;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}
