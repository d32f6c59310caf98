/** What changed on the board in the last minutes, from one picture to the next. Pure: the clock is an argument. */

import type { PoolId, Row } from "./board";

export interface Change {
  readonly pool: PoolId;
  /** Since when, by the server's clock. */
  readonly at_ms: number;
  /** Free places more or fewer than before its first change of these minutes; never zero. */
  readonly delta: number;
}

/** How far back a change is still news, and how many are kept: a screen that runs for a week stays small. */
export const NEWS_MS = 15 * 60_000;
export const NEWS_MOST = 24;

type Rows = ReadonlyMap<PoolId, Row>;

/** Which pools have more or fewer free places than in the picture before; one that is new or gone is no change. */
export function changesBetween(before: Rows, after: Rows, at_ms: number): Change[] {
  const changes: Change[] = [];
  for (const row of after.values()) {
    const old = before.get(row.pool);
    if (old === undefined || old.free === row.free) continue;
    changes.push({ pool: row.pool, at_ms, delta: row.free - old.free });
  }
  return changes;
}

/** The news with what came since, newest first, one of a pool: places that came and went again are no news. */
export function newsWith(news: readonly Change[], changes: readonly Change[], now_ms: number): Change[] {
  const byPool = new Map(news.map((change) => [change.pool, change]));
  for (const change of changes) {
    const delta = change.delta + (byPool.get(change.pool)?.delta ?? 0);
    byPool.delete(change.pool);
    if (delta !== 0) byPool.set(change.pool, { ...change, delta });
  }
  return [...byPool.values()]
    .filter(({ at_ms }) => now_ms - at_ms < NEWS_MS)
    .sort((one, other) => other.at_ms - one.at_ms || (one.pool < other.pool ? -1 : 1))
    .slice(0, NEWS_MOST);
}

/** How many pools another picture shows otherwise: changed, new or gone. */
export function differing(shown: Rows, newest: Rows): number {
  let count = 0;
  for (const row of newest.values()) if (shown.get(row.pool)?.seq !== row.seq) count += 1;
  for (const pool of shown.keys()) if (!newest.has(pool)) count += 1;
  return count;
}
