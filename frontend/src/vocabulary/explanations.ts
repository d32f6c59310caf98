/** The parts of a number in words: "comptage de 36 à 21:38, puis −1 à 21:50". The clock comes in as an argument. */

import { CHANNELS, type Channel } from "./holds";
import { hourAndDay } from "./moments";
import { figure, isOneOf, REASONS, SUSPENSIONS, UNITS, type Unit } from "./terms";

/** More movements than this are told as one sum. */
const TOLD_MOST = 3;

/** "+2", "−1" with the sign of typography; "0" bare. */
export function signed(delta: number): string {
  if (delta === 0) return "0";
  return delta > 0 ? `+${figure(delta)}` : `−${figure(-delta)}`;
}

/** "tenue", "tenus": one or several of a unit that are promised. */
export function heldWords(count: number, unit: Unit): string {
  const isFeminine = UNITS[unit].taken.endsWith("ée");
  return `tenu${isFeminine ? "e" : ""}${Math.abs(count) < 2 ? "" : "s"}`;
}

export { freeWords } from "./terms";

export const CHANNEL_PHRASES: Record<Channel, string> = {
  "115": "le 115",
  maraude: "les maraudes",
  site: "la structure",
};

interface Occupied {
  readonly count: {
    readonly occupied: number;
    readonly observed_ms: number;
    readonly by: string | null;
  } | null;
  readonly movements: readonly {
    readonly delta: number;
    readonly observed_ms: number;
    readonly by: "movement" | "arrival";
  }[];
  readonly earlier_movements: number;
  readonly cut: number;
}

/** Where the number of occupied places comes from, in the order in which it happened. */
export function occupiedInWords(
  { count, movements, earlier_movements, cut }: Occupied,
  now_ms: number,
): string {
  const parts = [
    count === null
      ? "jamais comptées"
      : `comptage de ${figure(count.occupied)} à ${hourAndDay(count.observed_ms, now_ms)}${count.by === null ? "" : ` (${count.by})`}`,
  ];
  if (earlier_movements !== 0) parts.push(`${signed(earlier_movements)} de mouvements plus anciens`);
  if (movements.length > TOLD_MOST) {
    const sum = movements.reduce((total, { delta }) => total + delta, 0);
    parts.push(`puis ${movements.length} mouvements, ${signed(sum)} en tout`);
  } else {
    for (const one of movements) parts.push(`puis ${movementInWords(one, now_ms)}`);
  }
  if (cut > 0) parts.push("jamais montré sous zéro");
  return parts.join(", ");
}

export function movementInWords(
  { delta, observed_ms, by }: Occupied["movements"][number],
  now_ms: number,
): string {
  const words = `${signed(delta)} à ${hourAndDay(observed_ms, now_ms)}`;
  return by === "arrival" ? `${words} (arrivée attendue)` : words;
}

/** "2 par le 115 jusqu’à 22:41". */
export function heldInWords(
  {
    channel,
    places,
    expires_ms,
  }: { readonly channel: Channel; readonly places: number; readonly expires_ms: number },
  now_ms: number,
): string {
  return `${figure(places)} par ${CHANNEL_PHRASES[channel]} jusqu’à ${hourAndDay(expires_ms, now_ms)}`;
}

/** "2 gardées pour les maraudes jusqu’à 23:00, dont 1 déjà tenue". */
export function contingentInWords(
  {
    channel,
    places,
    held,
    until_ms,
  }: {
    readonly channel: string;
    readonly places: number;
    readonly held: number;
    readonly until_ms: number | null;
  },
  unit: Unit,
  now_ms: number,
): string {
  const whose = isOneOf(CHANNELS, channel) ? CHANNEL_PHRASES[channel] : channel;
  const kept = `${figure(places)} pour ${whose}`;
  const until = until_ms === null ? "" : ` jusqu’à ${hourAndDay(until_ms, now_ms)}`;
  return kept + until + (held === 0 ? "" : `, dont ${figure(held)} déjà ${heldWords(held, unit)}`);
}

/** A reason of the wire in French; what this page does not know yet is said as it came. */
export function reasonInWords(reason: string): string {
  if (isOneOf(REASONS, reason)) return REASONS[reason];
  return isOneOf(SUSPENSIONS, reason) ? SUSPENSIONS[reason] : reason;
}
