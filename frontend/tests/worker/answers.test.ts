import { describe, expect, it } from "vitest";
import { addressOf, neededBy, pagesAmong, wayOf } from "../../src/worker/answers";

const FILES = [
  { url: "maraude.html", revision: "1a", pages: ["maraude"] },
  { url: "halte.html", revision: "2b", pages: ["halte"] },
  { url: "assets/phone-XY.js", pages: ["maraude"] },
  { url: "assets/both-XY.js", pages: ["maraude", "halte"] },
  { url: "hors-ligne.html", revision: "3c" },
];

describe("the worker", () => {
  it("leaves the service's own answers alone, whoever asks and however", () => {
    for (const path of [
      "/v1/session",
      "/v1/territories/75/sites",
      "/v1/territories/75/holds",
      "/openapi.json",
    ]) {
      expect(wayOf(path, false)).toEqual({ kind: "pass" });
      expect(wayOf(path, true)).toEqual({ kind: "pass" });
    }
  });

  it("answers a page that was opened here, whatever its address says more", () => {
    expect(wayOf("/maraude", true)).toEqual({ kind: "kept", key: "/maraude" });
    expect(wayOf("/halte/halte-mairie-5e", true)).toEqual({ kind: "kept", key: "/halte/-" });
    expect(wayOf("/assets/phone-XY.js", false)).toEqual({ kind: "kept", key: "/assets/phone-XY.js" });
  });

  it("hijacks no page that is of no use without the service", () => {
    for (const path of ["/connexion", "/admin", "/appareil", "/docs", "/donnees", "/halte/", "/maraude/x"])
      expect(wayOf(path, true)).toEqual({ kind: "pass" });
    expect(wayOf("/", true)).toEqual({ kind: "fresh" });
  });

  it("keeps what the pages of this device need, and no other's", () => {
    expect(neededBy(new Set(["maraude"]), FILES)).toEqual([
      "/maraude?revision=1a",
      "/assets/phone-XY.js",
      "/assets/both-XY.js",
      "/hors-ligne.html?revision=3c",
    ]);
    expect(neededBy(new Set(), FILES)).toEqual(["/hors-ligne.html?revision=3c"]);
  });

  it("finds the pages of the version before it again", () => {
    const kept = FILES.slice(0, 3).map((file) => `https://capacity.example${addressOf(file)}`);
    expect(pagesAmong(kept)).toEqual(new Set(["maraude", "halte"]));
  });
});
