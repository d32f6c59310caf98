/** The names behind the numbers: the territory's sites, fetched anew when a row has no name, and every minute. */

import type { Site } from "../board/selection";
import { shutDoor } from "../feed/door";
import { takeEarly } from "../feed/early";
import { parseSites, parseTerritories, type Territory } from "../wire/registry";
import { keep, kept } from "./keep";

const AGAIN_MS = 60_000;
const SOONEST_MS = 2_000;
const DEADLINE_MS = 15_000;

export type Loading = "loading" | "ready" | "failed" | "unknown";

export class Registry {
  sites = $state.raw<ReadonlyMap<string, Site>>(new Map());
  /** `unknown`: the server knows no such territory. `failed`: it could not be asked. */
  state = $state<Loading>("loading");

  #territory: string;
  #body: string | null = null;
  #asked_ms = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(territory: string) {
    this.#territory = territory;
    this.#take(kept(`sites.${territory}`));
  }

  start(): () => void {
    void this.refresh();
    const again = setInterval(() => void this.refresh(), AGAIN_MS);
    const retry = setInterval(() => {
      if (this.state === "failed") void this.refresh();
    }, 5_000);
    return () => {
      clearInterval(again);
      clearInterval(retry);
      clearTimeout(this.#soon);
    };
  }

  /** The browser's cache sends the ETag and answers a 304 with the body it has. */
  async refresh(): Promise<void> {
    this.#asked_ms = Date.now();
    try {
      const path = `/v1/territories/${encodeURIComponent(this.#territory)}/sites`;
      const response = await (takeEarly(path) ??
        fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(DEADLINE_MS) }));
      if (response.status === 404) this.state = "unknown";
      else if (response.ok) this.#take(await response.text(), true);
      else {
        this.#fail();
        if (response.status === 401) shutDoor();
      }
    } catch {
      this.#fail();
    }
  }

  /** A pool came that the registry does not name: someone has just opened it. */
  refreshSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.refresh(), Math.max(0, this.#asked_ms + SOONEST_MS - Date.now()));
  }

  #take(body: string | null, isNews = false): void {
    if (body === null) return;
    if (isNews && body === this.#body) {
      this.state = "ready";
      return;
    }
    const sites = parseSites(jsonOrNull(body));
    if (sites.kind === "malformed") return this.#fail();
    this.#body = body;
    this.sites = sites.value.sites;
    this.state = "ready";
    if (isNews) keep(`sites.${this.#territory}`, body);
  }

  #fail(): void {
    if (this.state !== "ready") this.state = "failed";
  }
}

/** The territories of this server; null when it cannot be asked. */
export async function territories(): Promise<readonly Territory[] | null> {
  try {
    const response = await fetch("/v1/territories", {
      cache: "no-cache",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answer = parseTerritories(await response.json());
    return answer.kind === "ok" ? answer.value : null;
  } catch {
    return null;
  }
}

function jsonOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
