/** What the service found for a household. */

import type { Answer } from "../api/asking";
import { availabilityFor } from "../api/availability";
import { latestOnly } from "../api/latest";
import { steadyOrder } from "../board/pages";
import { wallClock } from "../feed/waits";
import type { Party } from "../vocabulary/parties";
import type { RequestNeed } from "../vocabulary/requests";
import { type Availability, type Option, type Search, searchQuery } from "../wire/availability";

/** Long enough for the next tap on a stepper: nobody looks for half a family. */
const PAUSE_MS = 350;
const AGAIN_MS = 30_000;
/** All that fit, since which of them is near is only known on the device. */
const LIMIT = 100;

/** `late`: the server did not answer; what was found before is gone, since it may be of another household. */
export type FindingState = "asking" | "ready" | "late";

interface Asked {
  readonly search: Search;
  readonly isQuiet: boolean;
}

export class Finding {
  state = $state<FindingState>("asking");
  /** Best first when they were found; later answers change them in their place, so that nothing moves under a thumb. */
  options = $state.raw<readonly Option[]>([]);
  /** How many there are in all, and how many sites were looked at. */
  found = $state(0);
  searched = $state(0);
  /** The moment that the answer speaks of, by the server's clock. */
  told_ms = $state(0);

  #search: Search | null = null;
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

  /** For whom from now on. Without a place: where the team stands is never told to the service. */
  look(party: Party, needs: ReadonlySet<RequestNeed>): void {
    this.#search = { party, needs: [...needs], channel: "maraude", near: null, limit: LIMIT };
    this.state = "asking";
    this.#latest.ask({ search: this.#search, isQuiet: false }, PAUSE_MS);
  }

  /** What changed at the sites, for the same household. */
  refresh(): void {
    if (this.#search === null || this.state === "asking" || document.visibilityState !== "visible") return;
    this.#latest.ask({ search: this.#search, isQuiet: this.state === "ready" }, 0);
  }

  #take({ search, isQuiet }: Asked, answer: Answer<Availability>): void {
    if (answer.kind !== "ok") {
      if (isQuiet) return;
      this.state = "late";
      this.options = [];
      return;
    }
    const query = searchQuery(search).toString();
    const { options, found, searched, server_ms } = answer.value;
    const isSame = isQuiet && query === this.#answered;
    this.options = isSame ? steadyOrder(this.options.map(optionId), options, optionId) : options;
    this.found = found;
    this.searched = searched;
    this.told_ms = server_ms;
    this.state = "ready";
    this.#answered = query;
  }
}

/** An option by what a hold of it would ask for. */
export function optionId({ lines }: Option): string {
  return lines.map(({ pool, places }) => `${pool}=${places}`).join(" ");
}
