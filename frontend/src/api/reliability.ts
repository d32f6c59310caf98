/** What the doors proved: each site's last nights, and the holds of which two stories are told. */

import {
  type Disagreement,
  parseDisagreements,
  parseReliability,
  type Reliability,
} from "../wire/reliability";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export const reliabilityOf = (
  territory: string,
  signal?: AbortSignal,
): Promise<Answer<ReadonlyMap<string, Reliability>>> =>
  ask({
    path: pathOf(territory, "reliability"),
    signal,
    read: parseReliability,
    readRefusal: readPlainRefusal,
  });

export const disagreementsOf = (
  territory: string,
  signal?: AbortSignal,
): Promise<Answer<readonly Disagreement[]>> =>
  ask({
    path: pathOf(territory, "disagreements"),
    signal,
    read: parseDisagreements,
    readRefusal: readPlainRefusal,
  });
