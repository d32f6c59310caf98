/** Where the list starts from. A position stays in this page's memory: it is in no request, no address and no storage. */

import { middleOf, type Position } from "../board/nearness";
import type { Choice } from "./choice.svelte";

export type Locating = "off" | "asking" | "on" | "refused";

export class Standpoint {
  locating = $state<Locating>("off");
  /** Null: nowhere said, so nothing is near. */
  from: Position | null = $derived.by(() => {
    if (this.locating === "on") return this.#here;
    return this.#choice.near === null ? null : middleOf(this.#choice.near);
  });

  #here = $state.raw<Position | null>(null);
  #choice: Choice;

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  /** The team names an arrondissement; null for none. */
  name(arrondissement: number | null): void {
    this.locating = "off";
    this.#here = null;
    this.#choice.start(arrondissement);
  }

  /** At a clear tap only, and a second tap forgets it. */
  locate(): void {
    if (this.locating === "on" || this.locating === "asking") return this.name(null);
    this.#choice.start(null);
    if (!("geolocation" in navigator)) {
      this.locating = "refused";
      return;
    }
    this.locating = "asking";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        if (this.locating !== "asking") return;
        this.#here = { lat: coords.latitude, lon: coords.longitude };
        this.locating = "on";
      },
      () => {
        if (this.locating === "asking") this.locating = "refused";
      },
      { enableHighAccuracy: false, timeout: 15_000, maximumAge: 60_000 },
    );
  }
}
