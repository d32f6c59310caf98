/** Law 7: how old what we know of one pool is, by the server's clock. */

export type Freshness = "unknown" | "fresh" | "ageing" | "stale";

/** Past this many times `fresh_for`, an ageing figure is stale. */
export const STALE_FACTOR = 3;

/** Of a figure that does not say for itself how long it is fresh, in seconds. */
export const USUALLY_FRESH_FOR = 7_200;

export interface Dated {
  readonly observed_ms: number | null;
  /** In seconds, as on the wire. */
  readonly fresh_for: number;
}

export function freshness({ observed_ms, fresh_for }: Dated, now_ms: number): Freshness {
  if (observed_ms === null) return "unknown";
  const age_ms = now_ms - observed_ms;
  if (age_ms <= fresh_for * 1000) return "fresh";
  return age_ms <= fresh_for * 1000 * STALE_FACTOR ? "ageing" : "stale";
}

/** Whether the number may be given to someone on the street as it stands; else it is to be confirmed by phone. */
export function isTrusted(state: Freshness): boolean {
  return state === "fresh" || state === "ageing";
}
