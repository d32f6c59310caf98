/** Ways to take a household in, in the order of a team on foot. Made on the device: where it stands is its own business. */

import { metresBetween, type Position, walkingMinutes } from "./nearness";

/** What the order needs to know of an option. */
export interface Placed {
  readonly site: { readonly position: Position | null };
  readonly certainty: "certain" | "confirm_by_phone";
  readonly distance_m: number | null;
  readonly walk_minutes: number | null;
  readonly opening: { readonly state: "open" | "closed" | "unknown"; readonly next_ms: number | null };
}

/** Two sites within the same hundred metres are as near as each other: then what suits the household decides. */
const STEP_METRES = 100;
const FAR = Number.MAX_SAFE_INTEGER;

/** The option with how far it is from a place; without a place, or without the site's, nothing is said of it. */
export function seenFrom<O extends Placed>(from: Position | null, option: O): O {
  const metres =
    from === null || option.site.position === null ? null : metresBetween(from, option.site.position);
  return { ...option, distance_m: metres, walk_minutes: metres === null ? null : walkingMinutes(metres) };
}

/** Whether its doors are shut when a team that leaves now is there. */
export function isShutOnArrival({ opening, walk_minutes }: Placed, now_ms: number): boolean {
  if (opening.state !== "closed") return false;
  return opening.next_ms === null || opening.next_ms > now_ms + (walk_minutes ?? 0) * 60_000;
}

/**
 * What might not be there comes last, then closed doors; of the rest the nearest first, and of those that are as
 * near as each other the one that the service put first. With no place to start from, its order stays.
 */
export function nearestFirst<O extends Placed>(options: readonly O[], now_ms: number): O[] {
  const rank = (option: O) => [
    Number(option.certainty !== "certain"),
    Number(isShutOnArrival(option, now_ms)),
    option.distance_m === null ? FAR : Math.floor(option.distance_m / STEP_METRES),
  ];
  return options
    .map((option, index) => ({ option, rank: [...rank(option), index] }))
    .sort((one, other) => difference(one.rank, other.rank))
    .map(({ option }) => option);
}

function difference(one: readonly number[], other: readonly number[]): number {
  for (const [index, here] of one.entries()) {
    const there = other[index] ?? here;
    if (here !== there) return here - there;
  }
  return 0;
}
