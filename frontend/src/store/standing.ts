/** An option as it stands now: a search found it a while ago, and what is true of it comes from the live board. */

import type { Board, Row } from "../board/board";
import { freeFor } from "../board/contingents";
import { claimOf } from "../board/selection";
import type { Channel } from "../vocabulary/holds";
import { STATUSES } from "../vocabulary/terms";
import type { Option, OptionLine } from "../wire/availability";

export interface LineNow {
  readonly line: OptionLine;
  readonly row: Row | null;
  readonly free: number;
  /** Free for the asking channel. */
  readonly mine: number;
  /** In words why it takes nobody; null when it does. */
  readonly shut: string | null;
  readonly isSure: boolean;
  readonly isEnough: boolean;
}

export interface Standing {
  readonly lines: readonly LineNow[];
  /** Every number is fresh enough to be given out without a call (law 7). */
  readonly isSure: boolean;
  /** The first line that no longer has the places; null when all have. */
  readonly missing: LineNow | null;
}

export function standingOf(option: Option, board: Board | null, channel: Channel, now_ms: number): Standing {
  const lines = option.lines.map((line) =>
    lineNow(line, board?.rows.get(line.pool) ?? null, channel, now_ms),
  );
  return {
    lines,
    isSure: option.certainty === "certain" && lines.every(({ isSure }) => isSure),
    missing: lines.find(({ isEnough }) => !isEnough) ?? null,
  };
}

function lineNow(line: OptionLine, row: Row | null, channel: Channel, now_ms: number): LineNow {
  if (row === null) {
    const { free, free_for_you: mine } = line;
    return { line, row, free, mine, shut: null, isSure: true, isEnough: mine >= line.places };
  }
  const { claim } = claimOf(row, now_ms);
  const mine = freeFor(channel, row, now_ms);
  const shut = claim === "shut" ? STATUSES[row.status] : null;
  const isEnough = shut === null && mine >= line.places;
  return { line, row, free: row.free, mine, shut, isSure: claim !== "confirm", isEnough };
}
