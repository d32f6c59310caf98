/** A party as the wire writes it; a count that is left out is none. */

import type { Party } from "../vocabulary/parties";
import { countOrNull, fields } from "./shape";

export function readParty(value: unknown, path: string): Party {
  const party = fields(value, path);
  return {
    women: countOrNull(party.women, `${path}.women`) ?? 0,
    men: countOrNull(party.men, `${path}.men`) ?? 0,
    children: countOrNull(party.children, `${path}.children`) ?? 0,
  };
}

export function partyOrNull(value: unknown, path: string): Party | null {
  return value === null || value === undefined ? null : readParty(value, path);
}
