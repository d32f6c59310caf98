/** Requests of a night: a household that called, what became of it, and what the night adds up to. */

import { CHANNELS, type Channel } from "../vocabulary/holds";
import type { Party } from "../vocabulary/parties";
import {
  REQUEST_NEEDS,
  REQUEST_STATES,
  type RequestNeed,
  type RequestState,
  UNMET_REASONS,
  type UnmetReason,
} from "../vocabulary/requests";
import { readParty } from "./parties";
import { type Problem, readProblem } from "./problems";
import { count, fields, list, moment, type Parsed, parsed, text, textOrNull, word } from "./shape";

export interface HouseholdRequest {
  readonly id: string;
  readonly seq: number;
  readonly opened_ms: number;
  readonly party: Party;
  readonly needs: readonly RequestNeed[];
  readonly channel: Channel;
  readonly area: string | null;
  readonly state: RequestState;
  readonly reason: UnmetReason | null;
  /** The hold that answered it. */
  readonly hold: string | null;
  /** Opaque, of this night only: two requests of one household have the same. */
  readonly household: string;
}

export interface NewRequest {
  readonly id: string;
  readonly party: Party;
  readonly needs: readonly RequestNeed[];
  readonly channel: Channel;
  readonly area?: string;
  /** The code that the household got at its first call of the night, when it has one. */
  readonly contact?: string;
}

/** A request, and the code that its household keeps for the next call; null once it can be told no more. */
export interface RequestAnswer {
  readonly request: HouseholdRequest;
  readonly contact: string | null;
}

export type RequestOutcome =
  | { readonly id: string; readonly outcome: "oriented"; readonly hold: string }
  | { readonly id: string; readonly outcome: "unmet"; readonly reason: UnmetReason };

export interface RequestRefusal extends Problem {
  /** The request as it stands, when another operator was first. */
  readonly request: HouseholdRequest | null;
}

/** Requests, households and persons are counted apart: one household may call seven times. */
export interface NightSummary {
  readonly requests: number;
  readonly households: number;
  readonly persons: number;
  readonly open: number;
  readonly oriented: number;
  readonly unmet: ReadonlyMap<UnmetReason, number>;
  readonly empty_searches: number;
}

export interface Night {
  /** The day on which the night begins: "2026-11-22" for the night to the 23rd. */
  readonly night: string;
  /** Newest first. */
  readonly requests: readonly HouseholdRequest[];
  readonly summary: NightSummary;
}

export const REQUEST_CLOSED = "/problems/request-closed";

export function parseRequestAnswer(data: unknown): Parsed<RequestAnswer> {
  return parsed(() => {
    const answer = fields(data, "answer");
    return {
      request: readRequest(answer.request, "request"),
      contact: textOrNull(answer.contact, "contact"),
    };
  });
}

export function parseRequest(data: unknown): Parsed<HouseholdRequest> {
  return parsed(() => readRequest(fields(data, "answer").request, "request"));
}

export function parseRequestRefusal(data: unknown): Parsed<RequestRefusal> {
  return parsed(() => {
    const problem = readProblem(data, "problem");
    const members = typeof data === "string" ? {} : fields(data, "problem");
    const request = parsed(() => readRequest(members.request, "request"));
    return { ...problem, request: request.kind === "ok" ? request.value : null };
  });
}

export function parseNight(data: unknown): Parsed<Night> {
  return parsed(() => {
    const answer = fields(data, "answer");
    return {
      night: text(answer.night, "night"),
      requests: list(answer.requests, "requests").map((one, index) => readRequest(one, `requests.${index}`)),
      summary: readSummary(answer.summary),
    };
  });
}

function readRequest(value: unknown, path: string): HouseholdRequest {
  const request = fields(value, path);
  const reason = textOrNull(request.reason, `${path}.reason`);
  return {
    id: text(request.id, `${path}.id`),
    seq: count(request.seq, `${path}.seq`),
    opened_ms: moment(request.opened_at, `${path}.opened_at`),
    party: readParty(request.party, `${path}.party`),
    needs: list(request.needs ?? [], `${path}.needs`).map((need) =>
      word(need, REQUEST_NEEDS, `${path}.needs`),
    ),
    channel: word(request.channel, CHANNELS, `${path}.channel`),
    area: textOrNull(request.area, `${path}.area`),
    state: word(request.state, REQUEST_STATES, `${path}.state`),
    reason: reason === null ? null : word(reason, UNMET_REASONS, `${path}.reason`),
    hold: textOrNull(request.hold, `${path}.hold`),
    household: text(request.household, `${path}.household`),
  };
}

function readSummary(value: unknown): NightSummary {
  const summary = fields(value, "summary");
  const number = (name: string) => count(summary[name], `summary.${name}`);
  const unmet = Object.entries(fields(summary.unmet ?? {}, "summary.unmet"));
  return {
    requests: number("requests"),
    households: number("households"),
    persons: number("persons"),
    open: number("open"),
    oriented: number("oriented"),
    unmet: new Map(
      unmet.map(([reason, times]) => [
        word(reason, UNMET_REASONS, "summary.unmet"),
        count(times, `summary.unmet.${reason}`),
      ]),
    ),
    empty_searches: number("empty_searches"),
  };
}
