/** Why a pool's number is what it is: every part of the sum, all at one instant. */

import type { Contingent, Row } from "../board/board";
import { CHANNELS, type Channel } from "../vocabulary/holds";
import { STATUSES, type Status } from "../vocabulary/terms";
import { readContingent, readRow } from "./board";
import {
  count,
  countOrNull,
  each,
  type Fields,
  fields,
  list,
  Malformed,
  moment,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  textOrNull,
  whole,
  word,
} from "./shape";

/** Movements observed after the count; one `by` an arrival is of a household whose places were held. */
export interface Movement {
  readonly delta: number;
  readonly observed_ms: number;
  readonly by: "movement" | "arrival";
}

export interface Count {
  readonly occupied: number;
  readonly observed_ms: number;
  /** In which role it was counted; null while nobody signs. */
  readonly by: string | null;
}

export interface HeldPlaces {
  readonly channel: Channel;
  readonly places: number;
  readonly expires_ms: number;
}

export interface Explanation {
  readonly pool: string;
  /** The row as the board shows it at that instant. */
  readonly row: Row;
  readonly capacity: { readonly places: number; readonly since_ms: number | null };
  readonly extra: { readonly places: number; readonly since_ms: number | null };
  readonly out_of_service: {
    readonly places: number;
    readonly reason: string | null;
    readonly since_ms: number | null;
  };
  readonly status: {
    readonly status: Status;
    readonly reason: string | null;
    readonly until_ms: number | null;
    readonly since_ms: number | null;
  };
  readonly occupied: {
    readonly places: number;
    readonly count: Count | null;
    readonly movements: readonly Movement[];
    /** The sum of movements that are too old to be listed one by one. */
    readonly earlier_movements: number;
    /** What the sum was below zero, and is not shown (law 2). */
    readonly cut: number;
  };
  readonly held: { readonly places: number; readonly holds: readonly HeldPlaces[] };
  readonly contingents: readonly Contingent[];
  readonly free: number;
  readonly over: number;
}

export function parseExplanation(data: unknown): Parsed<Explanation> {
  return parsed(() => {
    const answer = fields(data, "explanation");
    const row = readRow(answer.row);
    if ("gone" in row) throw new Malformed("row", "a pool that is on the board");
    return {
      pool: text(answer.pool, "pool"),
      row,
      capacity: readPart(answer, "capacity"),
      extra: readPart(answer, "extra"),
      out_of_service: {
        ...readPart(answer, "out_of_service"),
        reason: textOrNull(fields(answer.out_of_service, "out_of_service").reason, "out_of_service.reason"),
      },
      status: readStatus(fields(answer.status, "status")),
      occupied: readOccupied(fields(answer.occupied, "occupied")),
      held: readHeld(fields(answer.held, "held")),
      contingents: each(answer.contingents ?? [], "contingents", readContingent),
      free: count(answer.free, "free"),
      over: count(answer.over, "over"),
    };
  });
}

function readPart(answer: Fields, name: string) {
  const part = fields(answer[name], name);
  return {
    places: count(part.places, `${name}.places`),
    since_ms: momentOrNull(part.since, `${name}.since`),
  };
}

function readStatus(status: Fields): Explanation["status"] {
  return {
    status: word(status.status, STATUSES, "status.status"),
    reason: textOrNull(status.reason, "status.reason"),
    until_ms: momentOrNull(status.until, "status.until"),
    since_ms: momentOrNull(status.since, "status.since"),
  };
}

function readOccupied(occupied: Fields): Explanation["occupied"] {
  return {
    places: count(occupied.places, "occupied.places"),
    count: occupied.count === null ? null : readCount(fields(occupied.count, "occupied.count")),
    movements: list(occupied.movements, "occupied.movements").map((one, index) =>
      readMovement(fields(one, `occupied.movements.${index}`)),
    ),
    earlier_movements: whole(occupied.earlier_movements ?? 0, "occupied.earlier_movements"),
    cut: countOrNull(occupied.cut, "occupied.cut") ?? 0,
  };
}

function readCount(counted: Fields): Count {
  return {
    occupied: count(counted.occupied, "count.occupied"),
    observed_ms: moment(counted.observed_at, "count.observed_at"),
    by: textOrNull(counted.by, "count.by"),
  };
}

function readMovement(movement: Fields): Movement {
  return {
    delta: whole(movement.delta, "movement.delta"),
    observed_ms: moment(movement.observed_at, "movement.observed_at"),
    by: movement.by === "arrival" ? "arrival" : "movement",
  };
}

function readHeld(held: Fields): Explanation["held"] {
  return {
    places: count(held.places, "held.places"),
    holds: list(held.holds, "held.holds").map((one, index) => {
      const hold = fields(one, `held.holds.${index}`);
      return {
        channel: word(hold.channel, CHANNELS, "hold.channel"),
        places: count(hold.places, "hold.places"),
        expires_ms: moment(hold.expires_at, "hold.expires_at"),
      };
    }),
  };
}
