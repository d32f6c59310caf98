/** Why the service says no (RFC 9457). */

import { fields, Malformed, type Parsed, parsed, textOrNull } from "./shape";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly detail: string | null;
}

export function parseProblem(data: unknown): Parsed<Problem> {
  return parsed(() => readProblem(data, "problem"));
}

export function readProblem(value: unknown, path: string): Problem {
  if (typeof value === "string") return { type: value, title: value, detail: null };
  const problem = fields(value, path);
  const type = textOrNull(problem.type, `${path}.type`);
  if (type === null) throw new Malformed(`${path}.type`, "a text");
  return {
    type,
    title: textOrNull(problem.title, `${path}.title`) ?? type,
    detail: textOrNull(problem.detail, `${path}.detail`),
  };
}
