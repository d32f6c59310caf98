/** The service's verbs about holds, as one side at the door uses them. */

import { accept, arrive, createHold, extend, type HoldReply, holdOf, release, testify } from "../api/holds";
import type { Channel, Side } from "../vocabulary/holds";
import type { HoldServer } from "./holding";
import type { Told } from "./records";

export function holdServer(channel: Channel, side: Side): HoldServer {
  return {
    create: (territory, wish) => createHold(territory, { ...wish, channel }),
    look: (territory, hold_id) => holdOf(territory, hold_id),
    tell: (territory, hold_id, told) => tell(side, territory, hold_id, told),
  };
}

function tell(side: Side, territory: string, hold_id: string, { id, telling }: Told): Promise<HoldReply> {
  switch (telling.verb) {
    case "arrival":
      return arrive(territory, hold_id, { id, ...(telling.lines === null ? {} : { lines: telling.lines }) });
    case "release":
      return release(territory, hold_id, { id, reason: telling.reason });
    case "extension":
      return extend(territory, hold_id, { id, minutes: telling.minutes });
    case "acceptance":
      return accept(territory, hold_id, { id });
    case "statement":
      return testify(territory, hold_id, { id, side, says: telling.says });
  }
}
