/** What a person told the board, in a few words: for what waits and for what was refused. */

import { figure, movementWords, named, STATUSES, type Status, type Unit } from "./terms";

type Told =
  | { readonly type: "count"; readonly occupied: number }
  | { readonly type: "movement"; readonly delta: number }
  | { readonly type: "confirmation" }
  | { readonly type: "inventory"; readonly out_of_service?: number }
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
      return `${figure(told.out_of_service ?? 0)} ${named(told.out_of_service ?? 0, unit)} hors service`;
    case "status":
      return `état : ${STATUSES[told.status]}`;
  }
}
