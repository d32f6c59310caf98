/** What shows the code of a screen that asks to be let in: fetched by those that are not let in, which few are. */

import type { Component } from "svelte";

export interface Pairing {
  readonly client_id: string;
  readonly label: string | null;
  readonly isFar: boolean;
  readonly onadmitted: () => void;
}

export type LoadPairing = () => Promise<{ readonly default: Component<Pairing> }>;
