/** Which held places come back when: what a screen on a wall may know of holds. */

import { type Expiry, parseExpiries } from "../wire/expiries";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export const expiriesOf = (territory: string, signal?: AbortSignal): Promise<Answer<readonly Expiry[]>> =>
  ask({ path: pathOf(territory, "expiries"), signal, read: parseExpiries, readRefusal: readPlainRefusal });
