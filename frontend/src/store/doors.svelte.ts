/** What the doors proved: each site's reliability, and the holds of which two stories are told. */

import { disagreementsOf, reliabilityOf } from "../api/reliability";
import type { Disagreement, Reliability } from "../wire/reliability";
import { Polled } from "./polled.svelte";

export class Doors {
  readonly reliability: Polled<ReadonlyMap<string, Reliability>>;
  readonly disagreements: Polled<readonly Disagreement[]>;

  constructor(territory: string) {
    this.reliability = new Polled((signal) => reliabilityOf(territory, signal), 300_000);
    this.disagreements = new Polled((signal) => disagreementsOf(territory, signal), 30_000);
  }

  start(): () => void {
    const stops = [this.reliability.start(), this.disagreements.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }
}
