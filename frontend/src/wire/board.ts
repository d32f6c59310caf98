/** The board's one shape, as it comes from the feed, `GET board` and the answer to a report. */

import type { BoardMessage, Contingent, Row, Tombstone } from "../board/board";
import { STATUSES } from "../vocabulary/terms";
import {
  count,
  countOrNull,
  each,
  fields,
  flag,
  moment,
  momentOrNull,
  type Parsed,
  parsed,
  text,
  word,
} from "./shape";

export function parseBoardMessage(data: unknown): Parsed<BoardMessage> {
  return parsed(() => {
    const message = fields(typeof data === "string" ? JSON.parse(data) : data, "message");
    const complete = flag(message.complete, "complete");
    return {
      epoch: text(message.epoch, "epoch"),
      since: complete ? null : count(message.since, "since"),
      seq: count(message.seq, "seq"),
      server_ms: moment(message.server_time, "server_time"),
      complete,
      rows: each(message.rows, "rows", readRow),
    };
  });
}

export function readRow(value: unknown): Row | Tombstone {
  const row = fields(value, "row");
  const stamp = { pool: text(row.pool, "pool"), seq: count(row.seq, "seq") };
  if (row.gone === true) return { ...stamp, gone: true };
  return {
    ...stamp,
    site: text(row.site, "site"),
    status: word(row.status, STATUSES, "status"),
    capacity: count(row.capacity, "capacity"),
    extra: count(row.extra, "extra"),
    out_of_service: count(row.out_of_service, "out_of_service"),
    occupied: count(row.occupied, "occupied"),
    held: count(row.held, "held"),
    free: count(row.free, "free"),
    over: count(row.over, "over"),
    observed_ms: momentOrNull(row.observed_at, "observed_at"),
    fresh_for: count(row.fresh_for, "fresh_for"),
    contingents: each(row.contingents ?? [], "contingents", readContingent),
  };
}

export function readContingent(value: unknown): Contingent {
  const one = fields(value, "contingent");
  return {
    channel: text(one.channel, "channel"),
    places: count(one.places, "places"),
    held: countOrNull(one.held, "held") ?? 0,
    until_ms: momentOrNull(one.until, "until"),
  };
}
