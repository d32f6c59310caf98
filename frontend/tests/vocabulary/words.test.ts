import { describe, expect, it } from "vitest";
import { ago, hourAndMinute, lasting } from "../../src/vocabulary/moments";
import { arrondissementOf, dialled, folded, ordinal } from "../../src/vocabulary/places";
import { statementInWords } from "../../src/vocabulary/statements";
import { counted, poolName } from "../../src/vocabulary/terms";

describe("words", () => {
  it("count as French does: nothing is singular", () => {
    expect([0, 1, 2].map((count) => counted(count, "bed"))).toEqual(["0 lit", "1 lit", "2 lits"]);
    expect(poolName({ unit: "place", sleeps: null, audience: "women" }, 39)).toBe("39 places, femmes seules");
    expect(poolName({ unit: "room", sleeps: 3, audience: "families" }, 1)).toBe("1 chambre pour 3, familles");
  });

  it("say an age in minutes, hours, then days", () => {
    const minute = 60_000;
    expect([-5_000, 59_999, 12 * minute, 185 * minute, 180 * minute, 50 * 60 * minute].map(ago)).toEqual([
      "à l’instant",
      "à l’instant",
      "il y a 12 min",
      "il y a 3 h 05",
      "il y a 3 h",
      "il y a 2 jours",
    ]);
    expect(lasting(35_000)).toBe("35 s");
  });

  it("tell the hour of Paris, wherever the screen thinks it is", () => {
    expect(hourAndMinute(Date.parse("2026-11-22T20:42:00Z"))).toBe("21:42");
    expect(hourAndMinute(Date.parse("2026-07-22T20:42:00Z"))).toBe("22:42");
  });

  it("find the arrondissement in an address", () => {
    expect(
      ["1 rue X, 75004 Paris", "75116 Paris", "75020", "92100 Boulogne", null].map(arrondissementOf),
    ).toEqual([4, 16, 20, null, null]);
    expect([ordinal(1), ordinal(18)]).toEqual(["1er", "18e"]);
  });

  it("dial only what is a number", () => {
    expect([
      dialled("01 42 00 00 00"),
      dialled("+33 (0)1 42.00.00.00"),
      dialled("sur place"),
      dialled(null),
    ]).toEqual(["0142000000", "+33142000000", null, null]);
  });

  it("search without accents or apostrophes", () => {
    expect(folded("L’Hôtel des Œillets")).toBe("l hotel des oeillets");
  });

  it("say a report in a few words", () => {
    expect(statementInWords({ type: "movement", delta: -1 }, "room")).toBe("−1 chambre rendue");
    expect(statementInWords({ type: "inventory", out_of_service: 2 }, "bed")).toBe("2 lits hors service");
    expect(statementInWords({ type: "inventory", extra: 10 }, "place")).toBe(
      "10 places en plus (plan grand froid)",
    );
    expect(statementInWords({ type: "status", status: "draining" }, "bed")).toBe("état : plus d’arrivées");
  });
});
