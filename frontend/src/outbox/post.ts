/** One batch to the server, and what its answer means to the outbox. */

import { NOT_SIGNED_IN, shutDoor } from "../feed/door";
import { type Problem, parseProblem } from "../wire/problems";
import { batchOf, type Outcome, parseAnswer, type Report } from "../wire/reports";

export type Answer =
  | { readonly kind: "answered"; readonly outcomes: ReadonlyMap<string, Outcome> }
  /** The server will never take this body: sending it again changes nothing. */
  | { readonly kind: "refused"; readonly problem: Problem }
  /** Not now: no network, no server, no store behind it, or nobody signed in. Everything is kept. */
  | { readonly kind: "later"; readonly isReachable: boolean; readonly retry_ms: number | null };

/** How long one post may take before it counts as lost; the ids make a resend harmless. */
export const POST_DEADLINE_MS = 15_000;
const REFUSALS = new Set([400, 404, 413, 415, 422]);

export async function post(territory: string, reports: readonly Report[], sent_ms: number): Promise<Answer> {
  try {
    const response = await fetch(`/v1/territories/${encodeURIComponent(territory)}/reports`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: batchOf(reports, sent_ms),
      signal: AbortSignal.timeout(POST_DEADLINE_MS),
    });
    return meaningOf(response.status, response.headers.get("Retry-After"), await response.text());
  } catch {
    return { kind: "later", isReachable: false, retry_ms: null };
  }
}

export function meaningOf(status: number, retryAfter: string | null, body: string): Answer {
  const retry_ms = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
  if (status === 200) {
    const answer = parseAnswer(jsonOrNull(body));
    if (answer.kind === "ok") return { kind: "answered", outcomes: answer.value };
  }
  const problem = parseProblem(jsonOrNull(body));
  if (status === 401 && problem.kind === "ok" && problem.value.type === NOT_SIGNED_IN) shutDoor();
  if (!REFUSALS.has(status)) return { kind: "later", isReachable: true, retry_ms };
  const unnamed: Problem = { type: "about:blank", title: `Refusé par le serveur (${status})`, detail: null };
  return { kind: "refused", problem: problem.kind === "ok" ? problem.value : unnamed };
}

function jsonOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
