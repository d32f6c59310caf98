/** The words of requests: what a household needs beside places, and why a request stayed without an answer. */

export const REQUEST_NEEDS = { pets: "animaux", wheelchair: "PMR", babies: "bébé" } as const;
export type RequestNeed = keyof typeof REQUEST_NEEDS;

export const REQUEST_STATES = { open: "ouverte", oriented: "orientée", unmet: "non pourvue" } as const;
export type RequestState = keyof typeof REQUEST_STATES;

export const UNMET_REASONS = {
  no_place: "pas de place",
  no_fit: "rien d’adapté",
  too_far: "trop loin",
  refused: "refusée par le ménage",
  no_transport: "pas de transport",
  line_cut: "appel coupé",
  other: "autre raison",
} as const;
export type UnmetReason = keyof typeof UNMET_REASONS;
