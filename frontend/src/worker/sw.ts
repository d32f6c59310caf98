/// <reference lib="webworker" />
/** The service worker: keeps the pages that were opened here, answers them without a network, and changes only when told. */

import { addressOf, type Built, KEPT_PAGES, neededBy, pagesAmong, WITHOUT_NETWORK, wayOf } from "./answers";

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly Built[] };

/** What a page says to its worker. `keep`: this page is used here. `take-over`: the person wants the new version now. */
export type Told = { readonly kind: "keep"; readonly page: string } | { readonly kind: "take-over" };

const FILES = self.__WB_MANIFEST;
const CACHE = "capacity-built";
const ours = new Set(FILES.map(addressOf));

/** What is missing of the pages' files; those that the page itself has just loaded come from the browser's cache. */
async function keepFiles(pages: ReadonlySet<string>): Promise<void> {
  const cache = await caches.open(CACHE);
  const had = new Set((await cache.keys()).map(({ url }) => local(url)));
  for (const address of neededBy(pages, FILES)) {
    if (had.has(address)) continue;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    await cache.put(address, answer);
  }
}

/** Files of versions that no open page can ask for any more. */
async function forgetOthers(): Promise<void> {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (open.length > 1) return;
  const cache = await caches.open(CACHE);
  const old = (await cache.keys()).filter(({ url }) => !ours.has(local(url)));
  await Promise.all(old.map((request) => cache.delete(request)));
}

const local = (url: string): string => url.slice(self.location.origin.length);

async function kept(key: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const address = FILES.map(addressOf).find((one) => one.split("?")[0] === key) ?? key;
  const found = await cache.match(address, { ignoreVary: true });
  if (found !== undefined) return found;
  return request.mode === "navigate" ? fresh(request) : fetch(request);
}

async function fresh(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (
      (await caches.match(WITHOUT_NETWORK, { ignoreSearch: true, ignoreVary: true })) ?? Response.error()
    );
  }
}

self.addEventListener("install", (event) => {
  // A new version has the same pages as the one before it, or a device would lose one while it is offline.
  const before = caches.open(CACHE).then((cache) => cache.keys());
  event.waitUntil(before.then((requests) => keepFiles(pagesAmong(requests.map(({ url }) => url)))));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const told: Told = event.data;
  if (told.kind === "take-over") return void self.skipWaiting();
  if (!(told.page in KEPT_PAGES)) return;
  const answer = (isKept: boolean) => event.ports[0]?.postMessage(isKept);
  event.waitUntil(
    keepFiles(new Set([told.page]))
      .then(forgetOthers)
      .then(
        () => answer(true),
        () => answer(false),
      ),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const way = wayOf(url.pathname, request.mode === "navigate");
  if (way.kind === "kept") event.respondWith(kept(way.key, request));
  if (way.kind === "fresh") event.respondWith(fresh(request));
});
