import { describe, expect, it } from "vitest";
import {
  contingentInWords,
  heldInWords,
  heldWords,
  occupiedInWords,
  reasonInWords,
} from "../../src/vocabulary/explanations";

// 22:00 and later in Paris.
const TEN = Date.parse("2026-11-22T21:00:00.000Z");
const MINUTE = 60_000;
const count = { occupied: 36, observed_ms: TEN, by: null };
const moved = (delta: number, minutes: number, by: "movement" | "arrival" = "movement") => ({
  delta,
  observed_ms: TEN + minutes * MINUTE,
  by,
});
const said = (changes: object) =>
  occupiedInWords({ count, movements: [], earlier_movements: 0, cut: 0, ...changes }, TEN);

describe("why so many are occupied", () => {
  it("names the count and its hour", () => {
    expect(said({})).toBe("comptage de 36 à 22:00");
  });

  it("names the role when it is known", () => {
    expect(said({ count: { ...count, by: "équipe" } })).toBe("comptage de 36 à 22:00 (équipe)");
  });

  it("tells the movements since, an arrival of people who were awaited apart", () => {
    expect(said({ movements: [moved(-1, 5), moved(2, 9, "arrival")] })).toBe(
      "comptage de 36 à 22:00, puis −1 à 22:05, puis +2 à 22:09 (arrivée attendue)",
    );
  });

  it("adds many movements up", () => {
    expect(said({ movements: [1, 2, 3, 4].map((minute) => moved(-2, minute)) })).toBe(
      "comptage de 36 à 22:00, puis 4 mouvements, −8 en tout",
    );
  });

  it("does not hide what is not listed", () => {
    expect(said({ count: null, earlier_movements: 3, cut: 1 })).toBe(
      "jamais comptées, +3 de mouvements plus anciens, jamais montré sous zéro",
    );
  });
});

describe("what is promised", () => {
  it("says who holds it and until when", () => {
    expect(heldInWords({ channel: "115", places: 2, expires_ms: TEN + 41 * MINUTE }, TEN)).toBe(
      "2 par le 115 jusqu’à 22:41",
    );
  });

  it("agrees with its unit", () => {
    expect([heldWords(1, "place"), heldWords(2, "place"), heldWords(2, "bed"), heldWords(0, "room")]).toEqual(
      ["tenue", "tenues", "tenus", "tenue"],
    );
  });

  it("says what is kept for whom, and what of it is promised already", () => {
    const kept = { channel: "maraude", places: 2, until_ms: TEN + 60 * MINUTE };
    expect(contingentInWords({ ...kept, held: 0 }, "place", TEN)).toBe("2 pour les maraudes jusqu’à 23:00");
    expect(contingentInWords({ ...kept, held: 1 }, "bed", TEN)).toBe(
      "2 pour les maraudes jusqu’à 23:00, dont 1 déjà tenu",
    );
  });
});

it("says a reason that this page does not know as it came", () => {
  expect([reasonInWords("pests"), reasonInWords("heating"), reasonInWords("meteor")]).toEqual([
    "nuisibles",
    "chauffage en panne",
    "meteor",
  ]);
});
