/** Reports as they are sent, and the answers that come back. */

import type { Row, Tombstone } from "../board/board";
import type { Reason, Status } from "../vocabulary/terms";
import { readRow } from "./board";
import { type Problem, readProblem } from "./problems";
import { fields, list, type Parsed, parsed, text, word } from "./shape";

export type Statement =
  | { readonly type: "count"; readonly pool: string; readonly occupied: number }
  | { readonly type: "movement"; readonly pool: string; readonly delta: number }
  | { readonly type: "confirmation"; readonly pool: string; readonly seq: number }
  | {
      readonly type: "inventory";
      readonly pool: string;
      readonly capacity?: number;
      readonly extra?: number;
      readonly out_of_service?: number;
      readonly reason?: Reason;
    }
  | {
      readonly type: "status";
      readonly pool: string;
      readonly status: Status;
      readonly reason?: string;
      readonly until?: string;
    };

/** A statement with its id and moment, by the device's own clock: the server shifts it (law 3). */
export type Report = Statement & { readonly id: string; readonly observed_at: string };

export type Outcome =
  | { readonly id: string; readonly outcome: "applied" | "late" | "duplicate" }
  | {
      readonly id: string;
      readonly outcome: "rejected";
      readonly problem: Problem;
      readonly row: Row | null;
    };

export function batchOf(reports: readonly Report[], sent_ms: number): string {
  return JSON.stringify({ sent_at: new Date(sent_ms).toISOString(), reports });
}

const OUTCOMES = { applied: 1, late: 1, duplicate: 1, rejected: 1 } as const;

/** The outcomes by report id. */
export function parseAnswer(data: unknown): Parsed<ReadonlyMap<string, Outcome>> {
  return parsed(() => {
    const results = list(fields(data, "answer").results, "results");
    return new Map(
      results.map((one, index) => {
        const outcome = readOutcome(one, `results.${index}`);
        return [outcome.id, outcome];
      }),
    );
  });
}

function readOutcome(value: unknown, path: string): Outcome {
  const result = fields(value, path);
  const id = text(result.id, `${path}.id`);
  const outcome = word(result.outcome, OUTCOMES, `${path}.outcome`);
  if (outcome !== "rejected") return { id, outcome };
  return {
    id,
    outcome,
    problem: readProblem(result.problem, `${path}.problem`),
    row: rowOrNull(result.row),
  };
}

function rowOrNull(value: unknown): Row | null {
  if (value === null || value === undefined) return null;
  const row: Row | Tombstone = readRow(value);
  return "gone" in row ? null : row;
}
