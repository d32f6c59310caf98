import { describe, expect, it } from "vitest";
import { parseWish, whereaboutsOf, writeWish } from "../../src/board/wish";

const party = (women: number, men: number, children: number) => ({ women, men, children });

describe("a line typed during a call", () => {
  it("says people, needs and a place in any order and spelling", () => {
    for (const line of [
      "1f 2e a pmr 18e",
      "1F, 2E; chien PMR 75018",
      "18e pmr a 2 enfants 1 femme",
      "1f2e18e a pmr",
      "une femme et 2 enfants avec animal, fauteuil, 18eme",
    ]) {
      const wish = parseWish(line);
      expect([line, wish.party, wish.where?.name, wish.unknown]).toEqual([line, party(1, 0, 2), "18e", []]);
      expect([...wish.needs].sort()).toEqual(["pets", "wheelchair"]);
    }
  });

  it("takes the first 2e for children and the next for an arrondissement", () => {
    expect(parseWish("2e").party).toEqual(party(0, 0, 2));
    const both = parseWish("1h 2e 5e");
    expect([both.party, both.where?.name]).toEqual([party(0, 1, 2), "5e"]);
    expect(parseWish("1h 0e 5e").where?.name).toBe("5e");
    expect(parseWish("1h 12e").where?.name).toBe("12e");
    expect(parseWish("1h 12 enfants").party).toEqual(party(0, 1, 12));
    expect(parseWish("1h 1er").where?.name).toBe("1er");
  });

  it("knows couples, babies and stations", () => {
    expect(parseWish("couple chien nord")).toMatchObject({
      party: party(1, 1, 0),
      needs: ["pets"],
      where: { name: "gare du Nord", arrondissement: 10 },
    });
    expect(parseWish("1f 1bb gare de lyon")).toMatchObject({
      party: party(1, 0, 1),
      needs: ["babies"],
      where: { name: "gare de Lyon" },
      unknown: [],
    });
  });

  it("knows the code of a household that has called before, but not inside other words", () => {
    expect(parseWish("1f m4r8 2e")).toMatchObject({ party: party(1, 0, 2), contact: "M4R8", unknown: [] });
    expect(parseWish("1f2h3e")).toMatchObject({ party: party(1, 2, 3), contact: null });
    expect(parseWish("K7Q2L3").contact).toBe("K7Q2L3");
  });

  it("reads a French keyboard on which nobody pressed Shift", () => {
    expect(parseWish("&f ée").party).toEqual(party(1, 0, 2));
    expect(parseWish("&f éh 'e pmr")).toMatchObject({ party: party(1, 2, 4), needs: ["wheelchair"] });
    expect(parseWish("bébé").needs).toEqual(["babies"]);
  });

  it("tells every word that it does not understand, and counts nothing for it", () => {
    expect(parseWish("1f xyz 18 21e 75021")).toMatchObject({
      party: party(1, 0, 0),
      where: null,
      unknown: ["xyz", "18", "21e", "75021"],
    });
    expect(parseWish("constructor __proto__").unknown).toEqual(["constructor", "__proto__"]);
    expect(parseWish("   ")).toEqual({
      party: party(0, 0, 0),
      needs: [],
      where: null,
      contact: null,
      unknown: [],
    });
  });

  it("never counts beyond what a party may have", () => {
    expect(parseWish("99999999f 49h 9h").party).toEqual(party(50, 50, 0));
  });
});

describe("a wish from the fields", () => {
  it("is written so that it is read back as it was", () => {
    const places = [null, ...Array.from({ length: 20 }, (_, index) => whereaboutsOf(index + 1))];
    for (const where of places)
      for (const children of [0, 1, 9, 10, 50])
        for (const needs of [[], ["pets", "babies"], ["wheelchair"]] as const) {
          const wish = {
            party: party(1, 0, children),
            needs,
            where,
            contact: where === null ? null : "M4R8",
          };
          expect(parseWish(writeWish(wish))).toEqual({ ...wish, unknown: [] });
        }
  });
});
