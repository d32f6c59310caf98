/** What another person changed between two looks at the same pool. */

import type { Row } from "./board";

export const COMPARED = ["status", "capacity", "extra", "out_of_service", "occupied", "held"] as const;
export type Compared = (typeof COMPARED)[number];

export interface Difference {
  readonly field: Compared;
  readonly before: Row[Compared];
  readonly after: Row[Compared];
}

/** In the order of COMPARED; empty when only the age moved. */
export function differences(before: Row, after: Row): Difference[] {
  return COMPARED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    before: before[field],
    after: after[field],
  }));
}
