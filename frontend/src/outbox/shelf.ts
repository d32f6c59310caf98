/** Where the outbox is kept: IndexedDB, so that it survives a reload, a crash and a week without network. */

import { type IDBPDatabase, openDB } from "idb";
import type { Entry } from "./queue";

export interface Shelf {
  /** False when the device refuses storage: what waits is then lost with the page, and the page says so. */
  readonly isLasting: boolean;
  all(): Promise<Entry[]>;
  put(entries: readonly Entry[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

const STORE = "outbox";

export async function openShelf(): Promise<Shelf> {
  try {
    const database = await openDB("capacity", 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore(STORE, { keyPath: "id" });
      },
    });
    return lastingShelf(database);
  } catch {
    return memoryShelf();
  }
}

function lastingShelf(database: IDBPDatabase): Shelf {
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
  };
}

export function memoryShelf(): Shelf {
  const kept = new Map<string, Entry>();
  return {
    isLasting: false,
    all: async () => [...kept.values()],
    put: async (entries) => {
      for (const entry of entries) kept.set(entry.id, entry);
    },
    remove: async (ids) => {
      for (const id of ids) kept.delete(id);
    },
  };
}
