import { describe, expect, it } from "vitest";
import { rowsOf } from "../../src/board/pages";
import { wishOf } from "../../src/board/wall";

describe("the address of a wall", () => {
  it("says all that the wall shows", () => {
    expect(wishOf("?territory=75&audience=women&need=day&kiosk=1&page=20")).toEqual({
      audience: "women",
      need: "day",
      turn_ms: 20_000,
      isKiosk: true,
      misread: [],
    });
  });

  it("shows everything that one can sleep in when it says nothing", () => {
    expect(wishOf("")).toEqual({
      audience: null,
      need: "sleep",
      turn_ms: 12_000,
      isKiosk: false,
      misread: [],
    });
  });

  it("keeps the turn of a page within what can be read", () => {
    expect(wishOf("?page=1").turn_ms).toBe(5_000);
    expect(wishOf("?page=99999").turn_ms).toBe(300_000);
  });

  it("tells what it does not understand, and does not guess", () => {
    const wish = wishOf("?audience=femmes&need=toString&page=-4");
    expect(wish).toMatchObject({ audience: null, need: "sleep", turn_ms: 12_000 });
    expect(wish.misread).toEqual(["audience=femmes", "need=toString", "page=-4"]);
    expect(wishOf(`?audience=${"x".repeat(500)}`).misread[0]?.length).toBeLessThan(30);
  });

  it("is a kiosk by its bare word, and not by a nought", () => {
    expect([wishOf("?kiosk").isKiosk, wishOf("?kiosk=0").isKiosk]).toEqual([true, false]);
  });
});

describe("rows of things beside one another", () => {
  it("begins another row before one would be too wide, and gives every thing a row", () => {
    expect(rowsOf([4, 5, 3, 20, 1], (width) => width, 10)).toEqual([[4, 5], [3], [20], [1]]);
    expect(rowsOf([], () => 1, 10)).toEqual([[]]);
  });
});
