/** Holds, as they are asked for and as the service answers them. */

import type { Row } from "../board/board";
import {
  ACCEPTANCES,
  type Acceptance,
  CHANNELS,
  type Channel,
  HOLD_STATES,
  type HoldState,
  RELEASED_WORDS,
  type ReleasedBecause,
  type ReleaseReason,
  SAYINGS,
  type Said,
  SIDES,
  type Side,
} from "../vocabulary/holds";
import type { Party } from "../vocabulary/parties";
import { readRow } from "./board";
import { partyOrNull } from "./parties";
import { type Problem, readProblem } from "./problems";
import {
  count,
  each,
  fields,
  flag,
  list,
  moment,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  textOrNull,
  word,
} from "./shape";

export interface Line {
  readonly pool: string;
  readonly places: number;
}

export interface HoldStatement {
  readonly side: Side;
  readonly says: Said;
  readonly at_ms: number;
}

export interface Hold {
  readonly id: string;
  /** Said aloud at the door: "K7Q2". */
  readonly code: string;
  readonly channel: Channel;
  readonly lines: readonly Line[];
  readonly state: HoldState;
  readonly expires_ms: number;
  readonly seq: number;
  readonly created_ms: number | null;
  readonly party: Party | null;
  readonly ended_ms: number | null;
  readonly reason: ReleasedBecause | null;
  /** How many came of each line; null unless they arrived. */
  readonly arrived: readonly Line[] | null;
  readonly statements: readonly HoldStatement[];
  /** The two sides tell different stories of how it ended. */
  readonly disputed: boolean;
  /** Null for a place whose address is no secret. */
  readonly acceptance: Acceptance | null;
}

/** Where a protected site is: told once to the team that holds a place there, and kept nowhere. */
export interface ToldSite {
  readonly name: string;
  readonly address: string | null;
  readonly phone: string | null;
  readonly opening_hours: string | null;
}

/** A hold and the rows of its pools after the step. */
export interface HoldAnswer {
  readonly hold: Hold;
  readonly rows: readonly Row[];
}

/** Why not, and what the board says now: what remains free, or how the hold had ended. */
export interface HoldRefusal extends Problem {
  readonly hold: Hold | null;
  readonly rows: readonly Row[];
  /** Of a hold that has ended: the same lines could be held anew right now. */
  readonly again: boolean;
}

/** The id is made once for one wish: sent again with it, a hold is granted once (law 4). */
export interface NewHold {
  readonly id: string;
  readonly lines: readonly Line[];
  readonly minutes: number;
  readonly party?: Party;
  readonly channel: Channel;
}

export interface Arrival {
  readonly id: string;
  /** Only when fewer came than were held. */
  readonly lines?: readonly Line[];
}

export interface Release {
  readonly id: string;
  readonly reason: ReleaseReason;
}

export interface Extension {
  readonly id: string;
  readonly minutes: number;
}

export interface Testimony {
  readonly id: string;
  readonly side: Side;
  readonly says: Said;
}

export const NO_FREE_PLACE = "/problems/no-free-place";
export const HOLD_ENDED = "/problems/hold-ended";

export function parseHoldAnswer(data: unknown): Parsed<HoldAnswer> {
  return parsed(() => {
    const answer = fields(data, "answer");
    return { hold: readHold(answer.hold, "hold"), rows: readRows(answer.rows) };
  });
}

/** The active ones, soonest end first. */
export function parseHolds(data: unknown): Parsed<readonly Hold[]> {
  return parsed(() =>
    list(fields(data, "answer").holds, "holds").map((one, index) => readHold(one, `holds.${index}`)),
  );
}

/** A refusal whose extra members cannot be read is still a refusal: its type and title stand. */
export function parseHoldRefusal(data: unknown): Parsed<HoldRefusal> {
  return parsed(() => {
    const problem = readProblem(data, "problem");
    const members = typeof data === "string" ? {} : fields(data, "problem");
    const hold = parsed(() => readHold(members.hold, "hold"));
    const rows = parsed(() => readRows(members.rows));
    return {
      ...problem,
      hold: hold.kind === "ok" ? hold.value : null,
      rows: rows.kind === "ok" ? rows.value : [],
      again: members.again === true,
    };
  });
}

export function parseToldSite(data: unknown): Parsed<ToldSite> {
  return parsed(() => {
    const site = fields(fields(data, "answer").site, "site");
    return {
      name: text(site.name, "site.name"),
      address: textOrNull(site.address, "site.address"),
      phone: textOrNull(site.phone, "site.phone"),
      opening_hours: textOrNull(site.opening_hours, "site.opening_hours"),
    };
  });
}

export function readHold(value: unknown, path: string): Hold {
  const hold = fields(value, path);
  return {
    id: text(hold.id, `${path}.id`),
    code: text(hold.code, `${path}.code`),
    channel: word(hold.channel, CHANNELS, `${path}.channel`),
    lines: readLines(hold.lines, `${path}.lines`),
    state: word(hold.state, HOLD_STATES, `${path}.state`),
    expires_ms: moment(hold.expires_at, `${path}.expires_at`),
    seq: count(hold.seq, `${path}.seq`),
    created_ms: momentOrNull(hold.created_at, `${path}.created_at`),
    party: partyOrNull(hold.party, `${path}.party`),
    ended_ms: momentOrNull(hold.ended_at, `${path}.ended_at`),
    reason: isAbsent(hold.reason) ? null : word(hold.reason, RELEASED_WORDS, `${path}.reason`),
    arrived: isAbsent(hold.arrived) ? null : readLines(hold.arrived, `${path}.arrived`),
    statements: list(hold.statements ?? [], `${path}.statements`).map((one, index) =>
      readStatement(one, `${path}.statements.${index}`),
    ),
    disputed: isAbsent(hold.disputed) ? false : flag(hold.disputed, `${path}.disputed`),
    acceptance: isAbsent(hold.acceptance) ? null : word(hold.acceptance, ACCEPTANCES, `${path}.acceptance`),
  };
}

export function readStatement(value: unknown, path: string): HoldStatement {
  const one = fields(value, path);
  return {
    side: word(one.side, SIDES, `${path}.side`),
    says: word(one.says, SAYINGS, `${path}.says`),
    at_ms: moment(one.at, `${path}.at`),
  };
}

function readLines(value: unknown, path: string): Line[] {
  return each(value, path, (one) => {
    const line = fields(one, "line");
    return { pool: text(line.pool, "pool"), places: count(line.places, "places") };
  });
}

function readRows(value: unknown): Row[] {
  return each(value ?? [], "rows", readRow).filter((row): row is Row => !("gone" in row));
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;
