/**
 * One question to the service, and what became of it as a value: nothing here throws.
 *
 * `unanswered` means that nobody knows whether a command was taken: it is sent again with the same id until
 * there is an answer (law 4), and meanwhile nothing is shown as granted.
 */

import { NOT_SIGNED_IN, shutDoor } from "../feed/door";
import { takeEarly } from "../feed/early";
import { type Problem, parseProblem } from "../wire/problems";
import { type Parsed, parsed } from "../wire/shape";

export type Answer<T, Refusal extends Problem = Problem> =
  /** `isNew`: 201, taken just now; else the same answer as before, or a reading. */
  | { readonly kind: "ok"; readonly value: T; readonly isNew: boolean }
  /** The service decided: no. Asking again with the same words changes nothing. */
  | { readonly kind: "refused"; readonly status: number; readonly problem: Refusal }
  /**
   * No network, no service, no store behind it, an answer that cannot be read, or the caller's own abort; also a
   * service that knows nobody here any more: what was asked is kept until somebody is signed in again.
   */
  | { readonly kind: "unanswered"; readonly isReachable: boolean; readonly retry_ms: number | null };

export interface Question<T, Refusal extends Problem> {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  read(data: unknown): Parsed<T>;
  readRefusal(data: unknown): Parsed<Refusal>;
}

/** How long a question may take before it counts as unanswered. */
export const DEADLINE_MS = 15_000;
/** Refusals that speak of the moment, not of the question. */
const NOT_NOW = new Set([408, 425, 429]);

export async function ask<T, Refusal extends Problem>(
  question: Question<T, Refusal>,
): Promise<Answer<T, Refusal>> {
  try {
    const isReading = (question.method ?? "GET") === "GET";
    const response = await ((isReading ? takeEarly(question.path) : null) ??
      fetch(question.path, request(question)));
    return meaningOf(question, response.status, response.headers.get("Retry-After"), await response.text());
  } catch {
    return { kind: "unanswered", isReachable: false, retry_ms: null };
  }
}

function request<T, Refusal extends Problem>({
  method = "GET",
  body,
  signal,
}: Question<T, Refusal>): RequestInit {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  return {
    method,
    cache: "no-store",
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    ...(body === undefined
      ? {}
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  };
}

function meaningOf<T, Refusal extends Problem>(
  question: Question<T, Refusal>,
  status: number,
  retryAfter: string | null,
  body: string,
): Answer<T, Refusal> {
  const retry_ms = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
  const unanswered = { kind: "unanswered", isReachable: true, retry_ms } as const;
  const data = jsonOrNull(body);
  if (status === 200 || status === 201 || status === 204) {
    const value = question.read(data);
    return value.kind === "ok" ? { kind: "ok", value: value.value, isNew: status === 201 } : unanswered;
  }
  if (status < 400 || status >= 500 || NOT_NOW.has(status)) return unanswered;
  const problem = question.readRefusal(data ?? unnamed(status));
  if (problem.kind === "ok" && problem.value.type === NOT_SIGNED_IN) {
    shutDoor();
    return unanswered;
  }
  return problem.kind === "ok" ? { kind: "refused", status, problem: problem.value } : unanswered;
}

/** A refusal without a body that says why, as of a proxy in between. */
const unnamed = (status: number) => ({ type: "about:blank", title: `Refusé par le serveur (${status})` });

function jsonOrNull(body: string): unknown {
  const data = parsed<unknown>(() => JSON.parse(body));
  return data.kind === "ok" ? data.value : null;
}

export const readPlainRefusal = parseProblem;

/** For what is only done, and answered by 204 or by a body that says nothing new. */
export const readNothing = (): Parsed<null> => ({ kind: "ok", value: null });

/** "/v1/territories/75/holds/0192…/arrival" of its parts. */
export function pathOf(territory: string, ...parts: readonly string[]): string {
  return ["/v1/territories", ...[territory, ...parts].map(encodeURIComponent)].join("/");
}
