import { describe, expect, it } from "vitest";
import { distanceInWords } from "../../src/vocabulary/distance";
import { becauseInWords, whyInWords } from "../../src/vocabulary/finding";
import { countdown } from "../../src/vocabulary/moments";
import { partyInWords } from "../../src/vocabulary/parties";
import { spelled } from "../../src/vocabulary/spelling";

describe("the words of a call", () => {
  it("count a party without a name", () => {
    expect(partyInWords({ women: 1, men: 0, children: 2 })).toBe("1 femme, 2 enfants");
    expect(partyInWords({ women: 0, men: 0, children: 0 })).toBe("personne");
  });

  it("say why the first is first, with the numbers of both", () => {
    expect(becauseInWords({ code: "nearer", first: 840, second: 1260 })).toBe(
      "En premier : plus proche (840 m contre 1,3 km pour la suivante).",
    );
    expect(becauseInWords({ code: "fewer_rooms", first: 1, second: 2 })).toBe(
      "En premier : moins de chambres (1 chambre contre 2 chambres pour la suivante).",
    );
    expect(becauseInWords({ code: "fresher", first: 180, second: null })).toBe(
      "En premier : chiffre plus récent.",
    );
    expect(becauseInWords({ code: "toString", first: null, second: null })).toBeNull();
    expect(becauseInWords(null)).toBeNull();
  });

  it("pass over reasons that this page does not know", () => {
    expect(whyInWords(["one_pool", "nearest", "constructor"])).toEqual(["la plus proche"]);
    expect(distanceInWords(12_400)).toBe("12 km");
  });

  it("spell a code for a bad line", () => {
    expect(spelled("K7Q2")).toBe("K comme Kléber, 7, Q comme Quintal, 2");
  });

  it("count a promise down by seconds, and never below nothing", () => {
    expect([2_647_000, 60_001, 3_600_000, 999, 0, -5_000].map(countdown)).toEqual([
      "44:07",
      "1:01",
      "1:00:00",
      "0:01",
      "0:00",
      "0:00",
    ]);
  });
});
