/** What the operator looks for, and what the service found for exactly these words. */

import type { Answer } from "../api/asking";
import { availabilityFor } from "../api/availability";
import { latestOnly } from "../api/latest";
import { parseWish, type Wish } from "../board/wish";
import { wallClock } from "../feed/waits";
import type { Channel } from "../vocabulary/holds";
import { HOLD_MINUTES } from "../vocabulary/minutes";
import { persons } from "../vocabulary/parties";
import { type Availability, type Option, type Search as Question, searchQuery } from "../wire/availability";

const PAUSE_MS = 150;
/** A list that has just changed was not read yet: a key that was already on its way promises nothing. */
const READ_MS = 250;
const AGAIN_MS = 5_000;
const LIMIT = 20;
/** As many as the service gives at once. */
const LIMIT_MOST = 100;
const STEP_MINUTES = 15;

export interface Found {
  /** The question as the service got it. */
  readonly query: string;
  readonly availability: Availability;
}

interface Asked {
  readonly question: Question;
  /** Nobody typed: only what changed at the sites is asked for. */
  readonly isQuiet: boolean;
}

export class Search {
  words = $state("");
  minutes = $state<number>(HOLD_MINUTES.usual);
  wish: Wish = $derived(parseWish(this.words));
  found = $state.raw<Found | null>(null);
  /** The ranking has changed since `found`: put in its place only when the operator says so. */
  newer = $state.raw<Found | null>(null);
  isAsking = $state(false);
  /** Why there is no answer, in the service's words; null while all is well. */
  trouble = $state.raw<"unanswered" | { readonly title: string } | null>(null);
  /** Counted from 0. */
  chosen = $state(0);
  /** The needs are not asked for, for a look at what they hide; the request that is written down keeps them. */
  isWide = $state(false);
  #limit = $state(LIMIT);
  /** The list has stood long enough to have been read. */
  #hasStood = $state(false);

  options: readonly Option[] = $derived(this.found?.availability.options ?? []);
  /** What is shown answers the words in the line, and nothing else. */
  isCurrent: boolean = $derived(
    !this.isAsking && this.found !== null && this.found.query === searchQuery(this.question).toString(),
  );

  /** A key may act on what is shown. */
  isRead: boolean = $derived(this.isCurrent && this.#hasStood);

  #channel: Channel;
  #undoRead = () => {};
  #seen: unknown = null;
  #latest;

  constructor(territory: string, channel: Channel) {
    this.#channel = channel;
    this.#latest = latestOnly<Asked, Answer<Availability>>({
      clock: wallClock,
      ask: ({ question }, signal) => availabilityFor(territory, question, signal),
      onReply: (asked, answer) => this.#take(asked, answer),
    });
  }

  get question(): Question {
    const { party, needs, where } = this.wish;
    const asked = this.isWide ? [] : needs;
    return { party, needs: asked, channel: this.#channel, near: where?.position ?? null, limit: this.#limit };
  }

  /** Asks again every few seconds while `boardNow` gives another board than last time. */
  start(boardNow: () => unknown): () => void {
    const again = setInterval(() => {
      const board = boardNow();
      if (this.trouble === "unanswered" && !this.isAsking) this.#ask(false, 0);
      else if (this.found !== null && !this.isAsking && board !== this.#seen) this.#ask(true, 0);
      this.#seen = board;
    }, AGAIN_MS);
    return () => {
      clearInterval(again);
      this.#latest.drop();
    };
  }

  type(words: string): void {
    const before = searchQuery(this.question).toString();
    const needs = this.wish.needs.join();
    this.words = words;
    if (this.wish.needs.join() !== needs) this.isWide = false;
    if (persons(this.wish.party) === 0) return this.#forget();
    if (searchQuery(this.question).toString() !== before || this.found === null) this.#ask(false, PAUSE_MS);
  }

  /** Asks at once: the operator does not wait for the pause. */
  hasten(): void {
    if (persons(this.wish.party) > 0) this.#ask(false, 0);
  }

  /** Everything as at the beginning of a call. */
  clear(): void {
    this.words = "";
    this.minutes = HOLD_MINUTES.usual;
    this.#forget();
  }

  /** Lifts the needs, or asks for them again. */
  widen(): void {
    this.isWide = !this.isWide;
    this.hasten();
  }

  /** Also those that rank too low to be shown at first. */
  showAll(): void {
    this.#limit = LIMIT_MOST;
    this.hasten();
  }

  choose(index: number): void {
    this.chosen = Math.max(0, Math.min(this.options.length - 1, index));
  }

  /** The new ranking takes the place of the one that was read. */
  rerank(): void {
    if (this.newer === null) return;
    this.#show(this.newer);
    this.chosen = 0;
  }

  /** By quarters of an hour. */
  lengthen(steps: number): void {
    const round = steps > 0 ? Math.floor : Math.ceil;
    const minutes = (round(this.minutes / STEP_MINUTES) + steps) * STEP_MINUTES;
    this.minutes = Math.min(HOLD_MINUTES.most, Math.max(HOLD_MINUTES.least, minutes));
  }

  #ask(isQuiet: boolean, wait_ms: number): void {
    if (!isQuiet) this.isAsking = true;
    this.#latest.ask({ question: this.question, isQuiet }, wait_ms);
  }

  #forget(): void {
    this.#latest.drop();
    this.isAsking = false;
    this.isWide = false;
    this.#limit = LIMIT;
    this.found = null;
    this.newer = null;
    this.trouble = null;
    this.chosen = 0;
  }

  #take({ question, isQuiet }: Asked, answer: Answer<Availability>): void {
    this.isAsking = false;
    if (answer.kind !== "ok") {
      if (isQuiet) return;
      this.found = null;
      this.newer = null;
      this.trouble = answer.kind === "refused" ? { title: answer.problem.title } : "unanswered";
      return;
    }
    this.trouble = null;
    const found = { query: searchQuery(question).toString(), availability: answer.value };
    // Where nothing was found no key can take the wrong one, so that the first place that comes free shows at once.
    if (isQuiet && this.options.length > 0 && this.found !== null && orderOf(found) !== orderOf(this.found)) {
      this.newer = found;
      return;
    }
    if (!isQuiet) this.chosen = 0;
    this.#show(found);
  }

  #show(found: Found): void {
    if (this.found === null || orderOf(found) !== orderOf(this.found)) {
      this.#hasStood = false;
      this.#undoRead();
      this.#undoRead = wallClock.after(READ_MS, () => {
        this.#hasStood = true;
      });
    }
    this.found = found;
    this.newer = null;
  }
}

/** What a number key means: the same sites and pools at the same ranks. */
function orderOf({ query, availability }: Found): string {
  return [query, ...availability.options.map(optionKey)].join("\n");
}

/** An option by what a hold of it would ask for. */
export function optionKey({ lines, certainty }: Option): string {
  return `${certainty} ${lines.map(({ pool, places }) => `${pool}=${places}`).join(" ")}`;
}
