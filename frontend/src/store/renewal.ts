/**
 * What this device keeps of the pages, and the newer version that may wait. A new version never takes over by itself
 * under somebody's hands: it is announced, and a screen that nobody touches takes it when its page turns.
 */

const LOOK_EVERY_MS = 30 * 60_000;
const SOONEST_MS = 60_000;

/** `kept`: the page opens without a network from now on. `new`: a newer version is here, and waits to be wanted. */
export type News = "kept" | "new";

let registration: ServiceWorkerRegistration | null = null;
let isKept = false;
let isWaiting = false;
let looked_ms = 0;

/** In the middle of a question, of a number or of a word: what was begun here would be gone. */
function isBusy(): boolean {
  const here = document.activeElement;
  const isTyping = here instanceof HTMLInputElement || here instanceof HTMLTextAreaElement;
  return isTyping || document.querySelector("dialog[open]") !== null;
}

/** Keeps this page on the device, and looks for newer versions until the page goes. */
export async function keepAndRenew(page: string, tell: (news: News) => void): Promise<void> {
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (workers === undefined) return;
  let hadOne = workers.controller !== null;
  workers.addEventListener("controllerchange", () => {
    // The first worker of a device is no news; a later one was wanted here or in another tab.
    if (hadOne) followWhenFree();
    hadOne = true;
  });
  const found = await workers.register("/sw.js").catch(() => null);
  if (found === null) return;
  registration = found;
  const watch = () => {
    isWaiting = found.waiting !== null && workers.controller !== null;
    if (isWaiting) tell("new");
  };
  watch();
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", watch));
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", look);
  const keep = async () => {
    if (isKept || !(await isKeptBy(found.active, page))) return;
    isKept = true;
    tell("kept");
  };
  addEventListener("online", () => void keep());
  await workers.ready;
  await keep();
}

/** The person wants the new version now. */
export function takeNewVersion(): void {
  registration?.waiting?.postMessage({ kind: "take-over" });
}

/** A moment at which nobody would miss anything: a wall says so when its page turns. */
export function quietMoment(): void {
  if (isWaiting && !isBusy()) takeNewVersion();
}

function look(): void {
  if (document.visibilityState !== "visible" || Date.now() - looked_ms < SOONEST_MS) return;
  looked_ms = Date.now();
  void registration?.update().catch(() => undefined);
}

/** Whether the worker now has all that this page needs; where it could not, the network's return is a new occasion. */
function isKeptBy(worker: ServiceWorker | null, page: string): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true);
    worker?.postMessage({ kind: "keep", page }, [port2]);
  });
}

/** The new version has taken over: this page follows as soon as nothing is under way in it. */
function followWhenFree(): void {
  if (isBusy()) setTimeout(followWhenFree, 1_000);
  else location.reload();
}
