import { describe, expect, it } from "vitest";
import {
  byNews,
  claimOf,
  type Offer,
  offersOf,
  type Pool,
  type Site,
  totalsOf,
} from "../../src/board/selection";
import { needOf } from "../../src/vocabulary/terms";
import { NOON, row } from "../builders";

const HOUR = 3_600_000;

function site(pools: Pool[], id = "halte"): Site {
  return {
    id,
    name: id,
    kind: "women_halte",
    address: null,
    position: null,
    phone: null,
    opening_hours: null,
    pools,
  };
}

function pool(changes: Partial<Pool> = {}): Pool {
  return { id: "halte.women", unit: "place", sleeps: null, audience: "women", traits: [], ...changes };
}

function offer(changes: Partial<Offer["row"]>, poolChanges: Partial<Pool> = {}): Offer {
  const one = pool({ id: changes.pool ?? "halte.women", ...poolChanges });
  return { row: row({ ...changes, pool: one.id }), pool: one, site: site([one]), need: "sleep" };
}

describe("what may be said of a pool", () => {
  it("is free with its freshness while the news is good", () => {
    expect(claimOf(row(), NOON)).toEqual({ claim: "free", freshness: "fresh" });
    expect(claimOf(row(), NOON + 3 * HOUR)).toEqual({ claim: "free", freshness: "ageing" });
  });

  it("is never free when stale or unknown, whatever its number", () => {
    expect(claimOf(row(), NOON + 7 * HOUR).claim).toBe("confirm");
    expect(claimOf(row({ observed_ms: null }), NOON).claim).toBe("confirm");
    expect(claimOf(row({ free: 0 }), NOON + 7 * HOUR).claim).toBe("confirm");
  });

  it("is shut in any state but open", () => {
    for (const status of ["draining", "suspended", "closed"] as const) {
      expect(claimOf(row({ status, free: 0 }), NOON).claim).toBe("shut");
    }
  });
});

describe("totals", () => {
  it("never add units up with one another", () => {
    const totals = totalsOf(
      [
        offer({ free: 3 }),
        offer({ pool: "b", free: 2 }),
        offer({ pool: "c", free: 4 }, { unit: "bed" }),
        offer({ pool: "d", free: 1 }, { unit: "room" }),
      ],
      NOON,
    );
    expect(totals.get("women")).toEqual([
      { unit: "place", free: 5, unconfirmed: 0 },
      { unit: "bed", free: 4, unconfirmed: 0 },
      { unit: "room", free: 1, unconfirmed: 0 },
    ]);
  });

  it("count stale pools apart and shut ones not at all", () => {
    const totals = totalsOf(
      [
        offer({ free: 3 }),
        offer({ pool: "b", free: 9, observed_ms: null }),
        offer({ pool: "c", status: "closed", free: 0 }),
      ],
      NOON,
    );
    expect(totals.get("women")).toEqual([{ unit: "place", free: 3, unconfirmed: 1 }]);
  });
});

describe("offers", () => {
  it("join rows with their names and count those that have none", () => {
    const known = site([pool()]);
    const { offers, nameless } = offersOf(
      [row(), row({ pool: "new.men", site: "new" })],
      new Map([["halte", known]]),
    );
    expect(offers).toEqual([{ row: row(), pool: pool(), site: known, need: "sleep" }]);
    expect(nameless).toBe(1);
  });

  it("come newest first, those without news last, ties in a steady order", () => {
    const sorted = [
      offer({ pool: "never", observed_ms: null }),
      offer({ pool: "b" }),
      offer({ pool: "new", observed_ms: NOON + 1 }),
      offer({ pool: "a" }),
    ].sort(byNews);
    expect(sorted.map(({ row: { pool } }) => pool)).toEqual(["new", "a", "b", "never"]);
  });

  it("answer the need of their unit, else of their site's kind", () => {
    expect(needOf("shower", "shelter")).toBe("shower");
    expect(needOf("place", "day_centre")).toBe("day");
    expect(needOf("room", "social_hotel")).toBe("sleep");
  });
});
