/** The board's one shape, as it comes from the feed, `GET board` and the answer to a report. */

import type { BoardMessage, Contingent, Row, Tombstone } from "../board/board";
import { STATUSES } from "../vocabulary/terms";
import {
  count,
  countOrNull,
  fields,
  flag,
  list,
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
      rows: list(message.rows, "rows").map((row, index) => readRow(row, `rows.${index}`)),
    };
  });
}

export function readRow(value: unknown, path: string): Row | Tombstone {
  const row = fields(value, path);
  const stamp = { pool: text(row.pool, `${path}.pool`), seq: count(row.seq, `${path}.seq`) };
  if (row.gone === true) return { ...stamp, gone: true };
  return {
    ...stamp,
    site: text(row.site, `${path}.site`),
    status: word(row.status, STATUSES, `${path}.status`),
    capacity: count(row.capacity, `${path}.capacity`),
    extra: count(row.extra, `${path}.extra`),
    out_of_service: count(row.out_of_service, `${path}.out_of_service`),
    occupied: count(row.occupied, `${path}.occupied`),
    held: count(row.held, `${path}.held`),
    free: count(row.free, `${path}.free`),
    over: count(row.over, `${path}.over`),
    observed_ms: momentOrNull(row.observed_at, `${path}.observed_at`),
    fresh_for: count(row.fresh_for, `${path}.fresh_for`),
    contingents: list(row.contingents ?? [], `${path}.contingents`).map((one, index) =>
      readContingent(one, `${path}.contingents.${index}`),
    ),
  };
}

export function readContingent(value: unknown, path: string): Contingent {
  const one = fields(value, path);
  return {
    channel: text(one.channel, `${path}.channel`),
    places: count(one.places, `${path}.places`),
    held: countOrNull(one.held, `${path}.held`) ?? 0,
    until_ms: momentOrNull(one.until, `${path}.until`),
  };
}
