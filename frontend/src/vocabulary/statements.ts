/** What a person told the board, in a few words: for what waits and for what was refused. */

import { counted, figure, movementWords, STATUSES, type Status, type Unit } from "./terms";

type Told =
  | { readonly type: "count"; readonly occupied: number }
  | { readonly type: "movement"; readonly delta: number }
  | { readonly type: "confirmation" }
  | {
      readonly type: "inventory";
      readonly capacity?: number;
      readonly extra?: number;
      readonly out_of_service?: number;
    }
  | { readonly type: "status"; readonly status: Status };

export function statementInWords(told: Told, unit: Unit): string {
  switch (told.type) {
    case "count":
      return `comptage de ${figure(told.occupied)}`;
    case "movement":
      return movementWords(told.delta, unit);
    case "confirmation":
      return "rien n’a changé";
    case "inventory":
      return inventoryInWords(told, unit);
    case "status":
      return `état : ${STATUSES[told.status]}`;
  }
}

function inventoryInWords({ capacity, extra, out_of_service }: Inventory, unit: Unit): string {
  return [
    capacity === undefined ? "" : `capacité de ${counted(capacity, unit)}`,
    extra === undefined ? "" : `${counted(extra, unit)} en plus (plan grand froid)`,
    out_of_service === undefined ? "" : `${counted(out_of_service, unit)} hors service`,
  ]
    .filter(Boolean)
    .join(", ");
}

type Inventory = Extract<Told, { type: "inventory" }>;
