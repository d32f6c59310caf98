/** Contingents: places of a pool that are kept for one channel until an hour, then pooled by themselves. */

import type { Contingent, Row } from "./board";

/** Whether it still keeps places at this moment; at its very hour it is pooled. */
export function isKept({ until_ms }: Contingent, now_ms: number): boolean {
  return until_ms === null || until_ms > now_ms;
}

/** Places that a contingent still keeps from the others: what its channel already holds of it is in `held`. */
function keptPlaces({ places, held }: Contingent): number {
  return Math.max(0, places - held);
}

/** What may be promised by this channel now: free less what is kept for the others. Never below zero. */
export function freeFor(
  channel: string,
  { free, contingents }: Pick<Row, "free" | "contingents">,
  now_ms: number,
): number {
  const others = contingents.filter((one) => one.channel !== channel && isKept(one, now_ms));
  return Math.max(0, free - others.reduce((sum, one) => sum + keptPlaces(one), 0));
}

/** The row with what is free for this channel in the place of what is free for everyone. */
export function asSeenBy(channel: string, row: Row, now_ms: number): Row {
  const free = freeFor(channel, row, now_ms);
  return free === row.free ? row : { ...row, free };
}
