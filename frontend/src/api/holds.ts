/** Holds: asked for, ended, lengthened and looked at. Every command carries an id that its caller made once. */

import {
  type Arrival,
  type Extension,
  type Hold,
  type HoldAnswer,
  type HoldRefusal,
  type NewHold,
  parseHoldAnswer,
  parseHoldRefusal,
  parseHolds,
  parseToldSite,
  type Release,
  type Testimony,
  type ToldSite,
} from "../wire/holds";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export type HoldReply = Answer<HoldAnswer, HoldRefusal>;

export const createHold = (territory: string, hold: NewHold, signal?: AbortSignal): Promise<HoldReply> =>
  command(pathOf(territory, "holds"), hold, signal);

export const arrive = (
  territory: string,
  hold: string,
  arrival: Arrival,
  signal?: AbortSignal,
): Promise<HoldReply> => command(pathOf(territory, "holds", hold, "arrival"), arrival, signal);

export const release = (
  territory: string,
  hold: string,
  end: Release,
  signal?: AbortSignal,
): Promise<HoldReply> => command(pathOf(territory, "holds", hold, "release"), end, signal);

/** `minutes` are added to its end, which stays within 240 minutes from now. */
export const extend = (
  territory: string,
  hold: string,
  more: Extension,
  signal?: AbortSignal,
): Promise<HoldReply> => command(pathOf(territory, "holds", hold, "extension"), more, signal);

/** Of a hold on a protected site: its team may come, and be told where. Refusing is a release. */
export const accept = (
  territory: string,
  hold: string,
  acceptance: { readonly id: string },
  signal?: AbortSignal,
): Promise<HoldReply> => command(pathOf(territory, "holds", hold, "acceptance"), acceptance, signal);

/** Told once, to the team that holds; the same id again gets the same answer while the hold is active. */
export const giveAddress = (
  territory: string,
  hold: string,
  id: string,
): Promise<Answer<ToldSite, HoldRefusal>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "holds", hold, "address"),
    body: { id },
    read: parseToldSite,
    readRefusal: parseHoldRefusal,
  });

/** What the other side says of a hold that has ended; kept for two days. */
export const testify = (
  territory: string,
  hold: string,
  testimony: Testimony,
  signal?: AbortSignal,
): Promise<HoldReply> => command(pathOf(territory, "holds", hold, "statement"), testimony, signal);

/** One hold, also one that has ended in the last two days; 404 `/problems/unknown-hold`. */
export const holdOf = (territory: string, hold: string, signal?: AbortSignal): Promise<HoldReply> =>
  ask({
    path: pathOf(territory, "holds", hold),
    signal,
    read: parseHoldAnswer,
    readRefusal: parseHoldRefusal,
  });

/** The active ones, of a whole territory or of one site, soonest end first. */
export function activeHolds(
  territory: string,
  site: string | null,
  signal?: AbortSignal,
): Promise<Answer<readonly Hold[]>> {
  const query = site === null ? "" : `?${new URLSearchParams({ site })}`;
  return ask({
    path: pathOf(territory, "holds") + query,
    signal,
    read: parseHolds,
    readRefusal: readPlainRefusal,
  });
}

const command = (path: string, body: object, signal: AbortSignal | undefined): Promise<HoldReply> =>
  ask({ method: "POST", path, body, signal, read: parseHoldAnswer, readRefusal: parseHoldRefusal });
