/** How a hold ended, and what each side says of it, in French. */

import {
  type HoldState,
  RELEASED_WORDS,
  type ReleasedBecause,
  SAYINGS,
  type Said,
  SIDES,
  type Side,
} from "./holds";
import { hourAndDay } from "./moments";

interface Ended {
  readonly state: HoldState;
  readonly reason: ReleasedBecause | null;
  readonly ended_ms: number | null;
}

const ENDS: Record<Exclude<HoldState, "active">, string> = {
  arrived: "arrivés",
  released: "libérée",
  expired: "temps écoulé, la place n’est plus tenue",
};

/** "temps écoulé, la place n’est plus tenue, à 22:41"; "pas venus, à 22:30". */
export function endInWords({ state, reason, ended_ms }: Ended, now_ms: number): string {
  const words = state === "active" ? "tenue" : reason === null ? ENDS[state] : RELEASED_WORDS[reason];
  return ended_ms === null ? words : `${words}, à ${hourAndDay(ended_ms, now_ms)}`;
}

/** "la structure dit : pas venus". */
export function saidInWords(side: Side, says: Said): string {
  return `${SIDES[side]} dit : ${SAYINGS[says]}`;
}
