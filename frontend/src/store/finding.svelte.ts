/** What a team looks for on the street, and what the server found for it. */

import type { Answer } from "../api/asking";
import { availabilityFor } from "../api/availability";
import { latestOnly } from "../api/latest";
import { type Position, rounded } from "../board/nearness";
import { steadyOrder } from "../board/pages";
import { wallClock } from "../feed/waits";
import { NOBODY, PARTY_MOST, type Party, persons } from "../vocabulary/parties";
import type { RequestNeed } from "../vocabulary/requests";
import { type Availability, type Option, type Search, searchQuery } from "../wire/availability";

/** Long enough for the next tap on a stepper: nobody looks for half a family. */
const PAUSE_MS = 350;
const AGAIN_MS = 30_000;
const LIMIT = 30;

/** `late`: the server did not answer; what was found before is gone, since it may be of another household. */
export type FindingState = "idle" | "asking" | "ready" | "late";
/** Where the list starts from: nowhere, or where the phone is, which is neither kept nor sent without a tap. */
export type Locating = "off" | "asking" | "on" | "refused";

interface Asked {
  readonly search: Search;
  readonly isQuiet: boolean;
}

export class Finding {
  party = $state.raw<Party>(NOBODY);
  needs = $state.raw<ReadonlySet<RequestNeed>>(new Set());
  state = $state<FindingState>("idle");
  locating = $state<Locating>("off");
  /** Best first when they were found; later answers change them in their place, so that nothing moves under a thumb. */
  options = $state.raw<readonly Option[]>([]);
  /** How many there are in all, and how many sites were looked at. */
  found = $state(0);
  searched = $state(0);
  isForSomeone: boolean = $derived(persons(this.party) > 0);

  #near: Position | null = null;
  #answered = "";
  #latest;

  constructor(territory: string) {
    this.#latest = latestOnly<Asked, Answer<Availability>>({
      clock: wallClock,
      ask: ({ search }, signal) => availabilityFor(territory, search, signal),
      onReply: (asked, answer) => this.#take(asked, answer),
    });
  }

  /** Asks again every half minute while the page is seen. */
  start(): () => void {
    const again = setInterval(() => this.refresh(), AGAIN_MS);
    return () => {
      clearInterval(again);
      this.#latest.drop();
    };
  }

  add(who: keyof Party, by: 1 | -1): void {
    const count = Math.min(PARTY_MOST, Math.max(0, this.party[who] + by));
    this.party = { ...this.party, [who]: count };
    this.#ask();
  }

  toggle(need: RequestNeed): void {
    const needs = new Set(this.needs);
    if (!needs.delete(need)) needs.add(need);
    this.needs = needs;
    this.#ask();
  }

  /** A place that the team named, as the middle of an arrondissement. Null: no place, the newest figures first. */
  startFrom(near: Position | null): void {
    this.locating = "off";
    this.#near = near;
    this.#ask(0);
  }

  /** At a clear tap only: the device's position, rounded to about 100 metres, in memory and in this search alone. */
  locate(): void {
    if (this.locating === "on" || this.locating === "asking") return this.startFrom(null);
    if (!("geolocation" in navigator)) {
      this.locating = "refused";
      return;
    }
    this.locating = "asking";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        if (this.locating !== "asking") return;
        this.#near = { lat: rounded(coords.latitude), lon: rounded(coords.longitude) };
        this.locating = "on";
        this.#ask(0);
      },
      () => {
        if (this.locating === "asking") this.locating = "refused";
      },
      { enableHighAccuracy: false, timeout: 15_000, maximumAge: 60_000 },
    );
  }

  /** What changed at the sites, for the same household. */
  refresh(): void {
    if (!this.isForSomeone || this.state === "asking" || document.visibilityState !== "visible") return;
    this.#latest.ask({ search: this.#search(), isQuiet: this.state === "ready" }, 0);
  }

  #search(): Search {
    return { party: this.party, needs: [...this.needs], channel: "maraude", near: this.#near, limit: LIMIT };
  }

  #ask(wait_ms = PAUSE_MS): void {
    if (!this.isForSomeone) {
      this.#latest.drop();
      this.state = "idle";
      this.options = [];
      return;
    }
    this.state = "asking";
    this.#latest.ask({ search: this.#search(), isQuiet: false }, wait_ms);
  }

  #take({ search, isQuiet }: Asked, answer: Answer<Availability>): void {
    if (answer.kind !== "ok") {
      if (isQuiet) return;
      this.state = "late";
      this.options = [];
      return;
    }
    const query = searchQuery(search).toString();
    const { options, found, searched } = answer.value;
    const isSame = isQuiet && query === this.#answered;
    this.options = isSame ? steadyOrder(this.options.map(optionId), options, optionId) : options;
    this.found = found;
    this.searched = searched;
    this.state = "ready";
    this.#answered = query;
  }
}

/** An option by what a hold of it would ask for. */
export function optionId({ lines }: Option): string {
  return lines.map(({ pool, places }) => `${pool}=${places}`).join(" ");
}
