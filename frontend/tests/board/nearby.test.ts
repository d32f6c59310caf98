import { describe, expect, it } from "vitest";
import { nearestFirst, type Placed, seenFrom } from "../../src/board/nearby";
import { metresBetween, middleOf, walkingMinutes } from "../../src/board/nearness";
import { NOON } from "../builders";

const HOTEL_DE_VILLE = { lat: 48.8566, lon: 2.3522 };
const GARE_DE_LYON = { lat: 48.8443, lon: 2.3744 };

interface Named extends Placed {
  readonly name: string;
}

function option(name: string, changes: Partial<Named> = {}): Named {
  return {
    name,
    site: { position: null },
    certainty: "certain",
    distance_m: null,
    walk_minutes: null,
    opening: { state: "open", next_ms: null },
    ...changes,
  };
}

const names = (options: readonly Named[]) => nearestFirst(options, NOON).map(({ name }) => name);

describe("a distance", () => {
  it("is the service's own, to the metre", () => {
    expect(metresBetween(HOTEL_DE_VILLE, GARE_DE_LYON)).toBeCloseTo(2_123, -1);
    expect(metresBetween(HOTEL_DE_VILLE, { lat: 45.764, lon: 4.8357 })).toBeCloseTo(391_500, -3);
    expect(metresBetween(HOTEL_DE_VILLE, HOTEL_DE_VILLE)).toBe(0);
  });

  it("is walked slower than the straight line", () => {
    expect([0, 1, 1_000, 5_000].map(walkingMinutes)).toEqual([0, 1, 18, 87]);
  });

  it("puts the 11th nearer to the 20th than to the 16th", () => {
    const [eleventh, sixteenth, twentieth] = [11, 16, 20].map(middleOf);
    expect(metresBetween(eleventh ?? HOTEL_DE_VILLE, twentieth ?? HOTEL_DE_VILLE)).toBeLessThan(
      metresBetween(eleventh ?? HOTEL_DE_VILLE, sixteenth ?? HOTEL_DE_VILLE),
    );
    expect(middleOf(21)).toBeNull();
  });

  it("is said only where both places are known", () => {
    expect(seenFrom(null, option("a", { site: { position: GARE_DE_LYON } })).distance_m).toBeNull();
    expect(seenFrom(HOTEL_DE_VILLE, option("a")).distance_m).toBeNull();
    const seen = seenFrom(HOTEL_DE_VILLE, option("a", { site: { position: GARE_DE_LYON } }));
    expect(seen.distance_m).toBe(metresBetween(HOTEL_DE_VILLE, GARE_DE_LYON));
    expect(seen.walk_minutes).toBe(walkingMinutes(seen.distance_m ?? 0));
  });
});

describe("the order of a team on foot", () => {
  it("is the service's own while nobody says where they are", () => {
    expect(names([option("c"), option("a"), option("b")])).toEqual(["c", "a", "b"]);
  });

  it("puts the nearest first, and one whose place is unknown last", () => {
    const far = option("far", { distance_m: 3_000 });
    expect(names([option("unknown"), far, option("near", { distance_m: 200 })])).toEqual([
      "near",
      "far",
      "unknown",
    ]);
  });

  it("leaves to the service what is as near as the other", () => {
    expect(names([option("better", { distance_m: 290 }), option("other", { distance_m: 210 })])).toEqual([
      "better",
      "other",
    ]);
  });

  it("never puts what is to be confirmed before what is sure, however near it is", () => {
    const unsure = option("unsure", { certainty: "confirm_by_phone", distance_m: 10 });
    expect(names([unsure, option("sure", { distance_m: 9_000 })])).toEqual(["sure", "unsure"]);
  });

  it("puts closed doors after open ones, unless they open before the team is there", () => {
    const shut = option("shut", { distance_m: 10, opening: { state: "closed", next_ms: NOON + 3_600_000 } });
    const opening = option("opening", {
      distance_m: 800,
      walk_minutes: 14,
      opening: { state: "closed", next_ms: NOON + 600_000 },
    });
    expect(names([shut, option("open", { distance_m: 2_000 }), opening])).toEqual([
      "opening",
      "open",
      "shut",
    ]);
  });
});
