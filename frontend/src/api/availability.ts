/** What fits a household now. */

import { type Availability, parseAvailability, type Search, searchQuery } from "../wire/availability";
import { type Answer, ask, pathOf, readPlainRefusal } from "./asking";

export const availabilityFor = (
  territory: string,
  search: Search,
  signal?: AbortSignal,
): Promise<Answer<Availability>> =>
  ask({
    path: `${pathOf(territory, "availability")}?${searchQuery(search)}`,
    signal,
    read: parseAvailability,
    readRefusal: readPlainRefusal,
  });
