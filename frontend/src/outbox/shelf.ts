/** Where a device keeps what it has to say: IndexedDB, so that it survives a reload, a crash and a week without network. */

import { type IDBPDatabase, openDB } from "idb";
import { DATABASES, type ShelfName } from "./shelves";

export type { ShelfName } from "./shelves";

export interface Kept {
  readonly id: string;
}

export interface Shelf<T extends Kept> {
  /** False when the device refuses storage: what waits is then lost with the page, and the page says so. */
  readonly isLasting: boolean;
  all(): Promise<T[]>;
  put(entries: readonly T[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /**
   * Changes those of the named that are there, in one step that no other page of this device comes between; null
   * takes one away. Answers them as they were. Not forced to the disk: a crash may forget the change.
   */
  revise(ids: readonly string[], change: (entry: T) => T | null): Promise<T[]>;
}

const STORE = "outbox";

export async function openShelf<T extends Kept>(name: ShelfName): Promise<Shelf<T>> {
  try {
    const database = await openDB(DATABASES[name], 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore(STORE, { keyPath: "id" });
      },
    });
    return lastingShelf(database);
  } catch {
    return memoryShelf();
  }
}

function lastingShelf<T extends Kept>(database: IDBPDatabase): Shelf<T> {
  return {
    isLasting: true,
    all: () => database.getAll(STORE),
    put: async (entries) => {
      const change = database.transaction(STORE, "readwrite", { durability: "strict" });
      await Promise.all([...entries.map((entry) => change.store.put(entry)), change.done]);
    },
    remove: async (ids) => {
      const change = database.transaction(STORE, "readwrite");
      await Promise.all([...ids.map((id) => change.store.delete(id)), change.done]);
    },
    revise: async (ids, change) => {
      const step = database.transaction(STORE, "readwrite", { durability: "relaxed" });
      const found = (await Promise.all(ids.map((id) => step.store.get(id)))).filter(
        (one) => one !== undefined,
      );
      for (const entry of found) {
        const next = change(entry);
        void (next === null ? step.store.delete(entry.id) : step.store.put(next));
      }
      await step.done;
      return found;
    },
  };
}

export function memoryShelf<T extends Kept>(): Shelf<T> {
  const kept = new Map<string, T>();
  return {
    isLasting: false,
    all: async () => [...kept.values()],
    put: async (entries) => {
      for (const entry of entries) kept.set(entry.id, entry);
    },
    remove: async (ids) => {
      for (const id of ids) kept.delete(id);
    },
    revise: async (ids, change) => {
      const found = ids.map((id) => kept.get(id)).filter((one) => one !== undefined);
      for (const entry of found) {
        const next = change(entry);
        if (next === null) kept.delete(entry.id);
        else kept.set(entry.id, next);
      }
      return found;
    },
  };
}
