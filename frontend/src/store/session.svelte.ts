/** Who uses this page: asked once at its start, and again whenever the service says that it knows nobody. */

import { rotate, whoAmI } from "../api/session";
import { whenShut } from "../feed/door";
import type { Grant } from "../vocabulary/roles";
import { keptSession, parseSession, type Who } from "../wire/session";
import { forget, keep, kept } from "./keep";

const DAY_MS = 86_400_000;
const SOONEST_MS = 2_000;

/** `unreachable`: the service could not be asked, so that what was kept of the last visit stands. */
export type SessionState = "asking" | "known" | "unreachable";

export class Session {
  who = $state.raw<Who | null>(null);
  state = $state<SessionState>("asking");
  /** The service has answered somebody on this page that it knows nobody; over when somebody is known again. */
  isShut = $state(false);

  #asked_ms = 0;
  #isAsking: Promise<void> | null = null;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const before = kept("who");
    if (before === null) return;
    const last = parseSession(jsonOrNull(before));
    if (last.kind === "ok") this.who = last.value;
  }

  /** Asks, listens for closed doors, and looks again when the network or the person is back. */
  start(): () => void {
    void this.refresh();
    const undo = whenShut(() => {
      this.isShut = true;
      this.doubt();
    });
    const wake = () => {
      if (document.visibilityState === "visible" && (this.state !== "known" || this.isShut)) this.doubt();
    };
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      undo();
      clearTimeout(this.#soon);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }

  /** Who it is may have changed: asks soon, and not more often than every two seconds. */
  doubt(): void {
    clearTimeout(this.#soon);
    const wait_ms = Math.max(0, this.#asked_ms + SOONEST_MS - Date.now());
    this.#soon = setTimeout(() => void this.refresh(), wait_ms);
  }

  refresh(): Promise<void> {
    this.#isAsking ??= this.#ask().finally(() => {
      this.#isAsking = null;
    });
    return this.#isAsking;
  }

  /** What they are in a territory; null for nobody, and for who must first set a password or a second factor. */
  grantIn(territory: string): Grant | null {
    if (this.who === null || this.who.needs.length > 0) return null;
    return this.who.grants.find((grant) => grant.territory === territory) ?? null;
  }

  async #ask(): Promise<void> {
    this.#asked_ms = Date.now();
    const answer = await whoAmI();
    if (answer.kind !== "ok") {
      this.state = "unreachable";
      return;
    }
    this.take(answer.value);
  }

  /** The service said who it is. */
  take(who: Who | null): void {
    this.state = "known";
    this.who = who;
    if (who === null) return forget("who");
    this.isShut = false;
    keep("who", keptSession(who));
    void this.#rotate(who);
  }

  /** A session's secret is changed once a day; that of a device lives until it is revoked. */
  async #rotate({ kind, id }: Who): Promise<void> {
    if (kind !== "session") return;
    const [last, since_ms] = (kept("rotated") ?? "").split(" ");
    const isOld = last === id && Date.now() - Number(since_ms) > DAY_MS;
    if (last !== id || isOld) keep("rotated", `${id} ${Date.now()}`);
    if (isOld) await rotate();
  }
}

function jsonOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** The one of this page. */
export const session = new Session();
