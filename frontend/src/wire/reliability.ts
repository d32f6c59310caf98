/** Whether what a site said held at the door: its last nights in figures, and the stories that do not agree. */

import { HOLD_STATES, type HoldState, RELEASED_WORDS, type ReleasedBecause } from "../vocabulary/holds";
import { type HoldStatement, readStatement } from "./holds";
import { count, fields, list, moment, type Parsed, parsed, text, textOrNull, word } from "./shape";

/** `kept` of `of`: the numerator and the denominator, shown together. */
export interface Reliability {
  readonly site: string;
  readonly kept: number;
  readonly of: number;
  readonly nights: number;
  readonly arrived: number;
  readonly full_on_arrival: number;
  readonly refused: number;
  readonly no_show: number;
  readonly expired: number;
}

export interface Disagreement {
  readonly hold: string;
  readonly pools: readonly string[];
  readonly site: string | null;
  /** How the hold ended on the board. */
  readonly ended_as: HoldState | ReleasedBecause;
  readonly ended_ms: number;
  /** Free places that the board showed after the hold had ended; only pools that had some. */
  readonly free: readonly { readonly pool: string; readonly free: number }[];
  readonly statements: readonly HoldStatement[];
}

export const ENDINGS = { ...HOLD_STATES, ...RELEASED_WORDS };

/** By site. */
export function parseReliability(data: unknown): Parsed<ReadonlyMap<string, Reliability>> {
  return parsed(
    () =>
      new Map(
        list(fields(data, "answer").sites, "sites").map((one, index) => {
          const site = readReliability(one, `sites.${index}`);
          return [site.site, site];
        }),
      ),
  );
}

export function parseDisagreements(data: unknown): Parsed<readonly Disagreement[]> {
  return parsed(() =>
    list(fields(data, "answer").disagreements, "disagreements").map((one, index) =>
      readDisagreement(one, `disagreements.${index}`),
    ),
  );
}

function readReliability(value: unknown, path: string): Reliability {
  const site = fields(value, path);
  const number = (name: string) => count(site[name], `${path}.${name}`);
  return {
    site: text(site.site, `${path}.site`),
    kept: number("kept"),
    of: number("of"),
    nights: number("nights"),
    arrived: number("arrived"),
    full_on_arrival: number("full_on_arrival"),
    refused: number("refused"),
    no_show: number("no_show"),
    expired: number("expired"),
  };
}

function readDisagreement(value: unknown, path: string): Disagreement {
  const one = fields(value, path);
  const ended = fields(one.ended, `${path}.ended`);
  return {
    hold: text(one.hold, `${path}.hold`),
    pools: list(one.pools, `${path}.pools`).map((pool) => text(pool, `${path}.pools`)),
    site: textOrNull(one.site, `${path}.site`),
    ended_as: word(ended.as, ENDINGS, `${path}.ended.as`),
    ended_ms: moment(ended.at, `${path}.ended.at`),
    free: list(one.free ?? [], `${path}.free`).map((place, index) => {
      const { pool, free } = fields(place, `${path}.free.${index}`);
      return { pool: text(pool, `${path}.free.pool`), free: count(free, `${path}.free.free`) };
    }),
    statements: list(one.statements ?? [], `${path}.statements`).map((told, index) =>
      readStatement(told, `${path}.statements.${index}`),
    ),
  };
}
