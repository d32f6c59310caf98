/** What waits, as a file to carry to another device: the last resort when a tablet cannot reach the server for long. */

import { type Entry, reportOf } from "./queue";

/**
 * The body of a POST to `reports`, as it is. It says no `sent_at`: the file may be posted hours later, and the moments
 * in it must not be shifted by that (law 3). The ids make it harmless that the tablet sends the same later.
 */
export function copyOf(entries: readonly Entry[], territory: string): string {
  const reports = entries
    .filter((entry) => entry.territory === territory && entry.state === "waiting")
    .map(reportOf);
  return `${JSON.stringify({ reports }, null, 2)}\n`;
}

/** "capacity-75-2026-11-22T22-41.json". */
export function copyName(territory: string, now_ms: number): string {
  return `capacity-${territory}-${new Date(now_ms).toISOString().slice(0, 16).replace(":", "-")}.json`;
}
