import { describe, expect, it } from "vitest";
import { refusalInWords } from "../../src/vocabulary/refusals";

const said = (type: string) => refusalInWords({ type, title: "The title" });

describe("a refusal", () => {
  it("is told in French by its type", () => {
    expect(said("/problems/pool-closed")).toBe("c’est fermé");
    expect(said("/problems/not-signed-in")).toBe("connectez-vous d’abord");
    expect(said("never-held")).toBe("aucune réponse du serveur à temps");
  });

  it("falls back on its title, and is said to have no reason when it has none", () => {
    expect(said("/problems/of-tomorrow")).toBe("The title");
    expect(said("/problems/constructor")).toBe("The title");
    expect(refusalInWords(null)).toBe("sans raison donnée");
  });
});
