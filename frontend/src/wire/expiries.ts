/** Which held places come back when, as the service answers it: nothing of who is awaited. */

import { count, fields, list, moment, type Parsed, parsed, text } from "./shape";

export interface Expiry {
  readonly pool: string;
  readonly places: number;
  readonly expires_ms: number;
}

/** Soonest first. */
export function parseExpiries(data: unknown): Parsed<readonly Expiry[]> {
  return parsed(() =>
    list(fields(data, "answer").expiries, "expiries").map((one, index) => {
      const expiry = fields(one, `expiries.${index}`);
      return {
        pool: text(expiry.pool, `expiries.${index}.pool`),
        places: count(expiry.places, `expiries.${index}.places`),
        expires_ms: moment(expiry.expires_at, `expiries.${index}.expires_at`),
      };
    }),
  );
}
