/** The shelves of a device by name, for whoever only wants to know whether there is one. */

/**
 * One database a shelf: a page of an earlier version that is still open in another tab would hold up the
 * change of a shared one.
 */
export const DATABASES = {
  outbox: "capacity",
  holds: "capacity.holds",
  arrivals: "capacity.arrivals",
} as const;
export type ShelfName = keyof typeof DATABASES;

/** Whether this device may have kept something there. Where the browser does not say, it may. */
export async function mayHold(name: ShelfName): Promise<boolean> {
  try {
    const databases = await indexedDB.databases();
    return databases.some((database) => database.name === DATABASES[name]);
  } catch {
    return true;
  }
}
