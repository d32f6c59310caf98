/** The lines that a wall tells one after the other: what changed, which held places come back next, what is in doubt. */

import type { Change } from "../board/news";
import { isSecret, type Offer } from "../board/selection";
import { signed } from "../vocabulary/explanations";
import { hourAndMinute } from "../vocabulary/moments";
import { shortSite } from "../vocabulary/places";
import { AUDIENCES, counted, named } from "../vocabulary/terms";
import type { Expiry } from "../wire/expiries";
import type { Told } from "./WallStrip.svelte";

const CHANGES_TOLD = 4;
const EXPIRIES_TOLD = 3;

interface Known {
  readonly offers: readonly Offer[];
  readonly misread: readonly string[];
  readonly changes: readonly Change[];
  readonly expiries: readonly Expiry[];
  /** Pools that are open and too old to be counted. */
  readonly doubtful: number;
  /** Pools with room that no page shows. */
  readonly beyond: number;
  readonly now_ms: number;
}

/** Of a protected site neither a change nor an end is told: when somebody comes to it is nobody's who passes. */
export function toldOnWall({ offers, misread, changes, expiries, doubtful, beyond, now_ms }: Known): Told[] {
  const byPool = new Map(
    offers.filter(({ site }) => !isSecret(site)).map((offer) => [offer.row.pool, offer]),
  );
  const told: Told[] = misread.map((word) => ({
    id: word,
    lead: "",
    name: "Adresse non comprise :",
    said: word,
    tone: "doubt",
  }));
  for (const { pool, at_ms, delta } of changes.filter((one) => byPool.has(one.pool)).slice(0, CHANGES_TOLD)) {
    const offer = byPool.get(pool);
    if (offer === undefined) continue;
    const said = `${signed(delta)} ${named(delta, offer.pool.unit)} ${AUDIENCES[offer.pool.audience]}`;
    told.push({
      id: `c ${pool}`,
      lead: hourAndMinute(at_ms),
      name: shortSite(offer.site.name),
      said,
      tone: delta > 0 ? "more" : "less",
    });
  }
  const next = expiries
    .filter((one) => byPool.has(one.pool) && one.expires_ms > now_ms)
    .slice(0, EXPIRIES_TOLD);
  for (const { pool, places, expires_ms } of next) {
    const offer = byPool.get(pool);
    if (offer === undefined) continue;
    const said = `${counted(places, offer.pool.unit)} jusqu’à ${hourAndMinute(expires_ms)}`;
    told.push({
      id: `e ${pool} ${expires_ms}`,
      lead: "Tenu",
      name: shortSite(offer.site.name),
      said,
      tone: "held",
    });
  }
  if (doubtful > 0)
    told.push({
      id: "doubt",
      lead: "",
      name: "",
      said: `${doubtful} à confirmer par téléphone`,
      tone: "doubt",
    });
  if (beyond > 0)
    told.push({
      id: "beyond",
      lead: "",
      name: "",
      said: `et ${beyond} autres avec de la place`,
      tone: "more",
    });
  return told;
}
