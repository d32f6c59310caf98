import { describe, expect, it } from "vitest";
import { hoursInWords } from "../../src/vocabulary/hours";

describe("opening hours in words", () => {
  it("say days and hours as people do", () => {
    expect(hoursInWords("Mo-Su 18:00-08:00")).toBe("tous les jours 18 h – 8 h");
    expect(hoursInWords("Mo-Fr 09:00-17:30; Sa 09:00-12:00")).toBe("lun – ven 9 h – 17 h 30, sam 9 h – 12 h");
    expect(hoursInWords("Su off")).toBe("dim fermé");
    expect(hoursInWords("24/7")).toBe("jour et nuit");
  });

  it("pass on what they cannot read", () => {
    expect(hoursInWords("sur rendez-vous")).toBe("sur rendez-vous");
  });
});
