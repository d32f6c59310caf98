/** Free places by arrondissement, for a map of tiles. A protected site is in none of them: where it is, is its secret. */

import { arrondissementOf } from "../vocabulary/places";
import { claimOf, isSecret, type Offer } from "./selection";

export interface Tile {
  readonly arrondissement: number;
  /** Certain places for one person: seats, beds, armchairs; for another need whatever it counts. */
  readonly free: number;
  /** Certain rooms. Rooms and persons are never added up. */
  readonly rooms: number;
  /** Pools that are open but too old to be counted. */
  readonly doubtful: number;
  /** Pools that stand here at all. */
  readonly pools: number;
}

/** What may be said of a tile at a glance. `none`: nothing stands there. */
export type TileClaim = "free" | "confirm" | "full" | "none";

/**
 * Where each arrondissement lies on a grid of ten half columns and five rows: left half column and row, from 1.
 * Rows shifted by half a tile let almost every tile touch its true neighbours, and the Seine run between tiles.
 */
export const GRID: readonly (readonly [column: number, row: number])[] = [
  [3, 3], // 1er
  [5, 3],
  [7, 3],
  [7, 4],
  [5, 4], // 5e
  [3, 4],
  [1, 4],
  [3, 2],
  [5, 2],
  [7, 2], // 10e
  [9, 3],
  [9, 4],
  [6, 5],
  [4, 5],
  [2, 5], // 15e
  [1, 3],
  [4, 1],
  [6, 1],
  [8, 1],
  [9, 2], // 20e
];

/** The 20 tiles in their order. */
export function tilesOf(offers: Iterable<Offer>, now_ms: number): Tile[] {
  const tiles = GRID.map((_, index) => ({
    arrondissement: index + 1,
    free: 0,
    rooms: 0,
    doubtful: 0,
    pools: 0,
  }));
  for (const { row, pool, site } of offers) {
    const tile = isSecret(site) ? undefined : tiles[(arrondissementOf(site.address) ?? 0) - 1];
    const { claim } = claimOf(row, now_ms);
    if (tile === undefined || claim === "shut") continue;
    tile.pools += 1;
    if (claim === "confirm") tile.doubtful += 1;
    else if (pool.unit === "room") tile.rooms += row.free;
    else tile.free += row.free;
  }
  return tiles;
}

/** Whether the territory has arrondissements to draw. */
export function hasTiles(offers: Iterable<Offer>): boolean {
  for (const { site } of offers) if (!isSecret(site) && arrondissementOf(site.address) !== null) return true;
  return false;
}

export function claimOfTile({ free, rooms, doubtful, pools }: Tile): TileClaim {
  if (free + rooms > 0) return "free";
  if (doubtful > 0) return "confirm";
  return pools > 0 ? "full" : "none";
}
