import { describe, expect, it } from "vitest";
import { standingOf } from "../../src/store/standing";
import type { Option } from "../../src/wire/availability";
import { NOON, row } from "../builders";

const OPTION: Option = {
  site: { id: "halte", name: "Halte", kind: "women_halte", phone: null, address: null, position: null },
  lines: [
    {
      pool: "halte.women",
      places: 2,
      unit: "place",
      audience: "women",
      sleeps: null,
      free: 3,
      free_for_you: 3,
      observed_ms: NOON,
      freshness: "fresh",
    },
  ],
  persons: 2,
  certainty: "certain",
  freshness: "fresh",
  distance_m: null,
  walk_minutes: null,
  opening: { state: "unknown", at_ms: null, next_ms: null },
  why: [],
};
const board = (changes: Parameters<typeof row>[0] = {}) => ({
  epoch: "e1",
  seq: 9,
  rows: new Map([["halte.women", row(changes)]]),
});

describe("an option as it stands now", () => {
  it("follows the live board, not the search that found it", () => {
    expect(standingOf(OPTION, board({ free: 2 }), "115", NOON)).toMatchObject({
      isSure: true,
      missing: null,
    });
    expect(standingOf(OPTION, board({ free: 1 }), "115", NOON).missing?.mine).toBe(1);
    expect(standingOf(OPTION, board({ status: "draining" }), "115", NOON).missing?.shut).toBe(
      "plus d’arrivées",
    );
    expect(standingOf(OPTION, null, "115", NOON)).toMatchObject({ isSure: true, missing: null });
  });

  it("counts only what is not kept for the other channels", () => {
    const kept = board({ contingents: [{ channel: "maraude", places: 2, held: 0, until_ms: NOON + 1 }] });
    expect(standingOf(OPTION, kept, "115", NOON).lines[0]).toMatchObject({
      free: 3,
      mine: 1,
      isEnough: false,
    });
    expect(standingOf(OPTION, kept, "maraude", NOON).missing).toBeNull();
    expect(standingOf(OPTION, kept, "115", NOON + 1).missing).toBeNull();
  });

  it("is sure only while its number is fresh, whatever the search said (law 7)", () => {
    const later_ms = NOON + 7200_000 * 3 + 1;
    expect(standingOf(OPTION, board(), "115", later_ms).isSure).toBe(false);
    const asked = { ...OPTION, certainty: "confirm_by_phone" } as const;
    expect(standingOf(asked, board(), "115", NOON).isSure).toBe(false);
  });
});
