/** What the address of a wall asks for. The address is its whole configuration: nobody touches the screen. */

import { AUDIENCES, type Audience, isOneOf, NEEDS, type Need } from "../vocabulary/terms";

export interface WallWish {
  /** Null for everybody. */
  readonly audience: Audience | null;
  readonly need: Need;
  /** How long a page is shown. */
  readonly turn_ms: number;
  /** Nobody touches this screen: it has no buttons and no links. */
  readonly isKiosk: boolean;
  /** What the address says and we do not understand, "audience=femmes": shown, or a wall would seem to be filtered. */
  readonly misread: readonly string[];
}

const TURN_SECONDS = { least: 5, usual: 12, most: 300 } as const;
/** A misread word is shown on a wall: no longer than one can read there. */
const SHOWN_SIGNS = 24;

/** `search` is the address's own, "?territory=75&audience=women&kiosk=1&page=20". */
export function wishOf(search: string): WallWish {
  const words = new URLSearchParams(search);
  const audience = words.get("audience");
  const need = words.get("need");
  const page = words.get("page");
  const seconds = page === null ? TURN_SECONDS.usual : /^\d{1,6}$/.test(page) ? Number(page) : null;
  const misread = [
    ...(audience === null || isOneOf(AUDIENCES, audience) ? [] : [`audience=${audience}`]),
    ...(need === null || isOneOf(NEEDS, need) ? [] : [`need=${need}`]),
    ...(seconds === null ? [`page=${page}`] : []),
  ];
  return {
    audience: isOneOf(AUDIENCES, audience) ? audience : null,
    need: isOneOf(NEEDS, need) ? need : "sleep",
    turn_ms: Math.min(TURN_SECONDS.most, Math.max(TURN_SECONDS.least, seconds ?? TURN_SECONDS.usual)) * 1000,
    isKiosk: words.has("kiosk") && words.get("kiosk") !== "0",
    misread: misread.map((word) => (word.length > SHOWN_SIGNS ? `${word.slice(0, SHOWN_SIGNS)}…` : word)),
  };
}
