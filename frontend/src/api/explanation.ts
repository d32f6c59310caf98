/** Why a pool's number is what it is. */

import { type Explanation, parseExplanation } from "../wire/explanation";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export const explanationOf = (
  territory: string,
  pool: string,
  signal?: AbortSignal,
): Promise<Answer<Explanation>> =>
  ask({
    path: pathOf(territory, "pools", pool, "explanation"),
    signal,
    read: parseExplanation,
    readRefusal: readPlainRefusal,
  });
