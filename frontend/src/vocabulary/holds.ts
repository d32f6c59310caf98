/** The words of holds: who promises a place, how a hold ends, and what each side says of it. */

export const CHANNELS = { "115": "115", maraude: "maraudes", site: "structure" } as const;
export type Channel = keyof typeof CHANNELS;

export const HOLD_STATES = {
  active: "tenue",
  arrived: "arrivés",
  released: "libérée",
  expired: "expirée",
} as const;
export type HoldState = keyof typeof HOLD_STATES;

/** Of a hold on a protected site: whether its team may go there. */
export const ACCEPTANCES = { pending: "en attente d’acceptation", accepted: "acceptée" } as const;
export type Acceptance = keyof typeof ACCEPTANCES;

/** Why a person gives a hold's places back. */
export const RELEASE_REASONS = {
  cancelled: "annulée",
  no_show: "pas venus",
  refused: "refusés sur place",
  full_on_arrival: "complet à l’arrivée",
} as const;
export type ReleaseReason = keyof typeof RELEASE_REASONS;

/** Every reason that a hold may carry: the last one is the board's own. */
export const RELEASED_WORDS = { ...RELEASE_REASONS, pool_gone: "places retirées du tableau" } as const;
export type ReleasedBecause = keyof typeof RELEASED_WORDS;

export const SIDES = { team: "l’équipe", site: "la structure" } as const;
export type Side = keyof typeof SIDES;

/** What a side says became of the people: "l’équipe : complet à l’arrivée". */
export const SAYINGS = {
  arrived: "arrivés",
  no_show: "pas venus",
  refused: "refusés sur place",
  full_on_arrival: "complet à l’arrivée",
} as const;
export type Said = keyof typeof SAYINGS;
