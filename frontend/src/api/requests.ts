/** Requests of households: opened, closed with an outcome, and looked at by night. */

import {
  type HouseholdRequest,
  type NewRequest,
  type Night,
  parseNight,
  parseRequest,
  parseRequestAnswer,
  parseRequestRefusal,
  type RequestAnswer,
  type RequestOutcome,
  type RequestRefusal,
} from "../wire/requests";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export const openRequest = (
  territory: string,
  request: NewRequest,
  signal?: AbortSignal,
): Promise<Answer<RequestAnswer>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "requests"),
    body: request,
    signal,
    read: parseRequestAnswer,
    readRefusal: readPlainRefusal,
  });

export const closeRequest = (
  territory: string,
  request: string,
  outcome: RequestOutcome,
  signal?: AbortSignal,
): Promise<Answer<HouseholdRequest, RequestRefusal>> =>
  ask({
    method: "POST",
    path: pathOf(territory, "requests", request, "outcome"),
    body: outcome,
    signal,
    read: parseRequest,
    readRefusal: parseRequestRefusal,
  });

/** The night that is now, or the one that began on `night` ("2026-11-22"). */
export function requestsOf(
  territory: string,
  night: string | null,
  signal?: AbortSignal,
): Promise<Answer<Night>> {
  const query = night === null ? "" : `?${new URLSearchParams({ night })}`;
  return ask({
    path: pathOf(territory, "requests") + query,
    signal,
    read: parseNight,
    readRefusal: readPlainRefusal,
  });
}
