import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";

/** From the ground up: a file may import from its own floor and from those below it. */
const FLOORS = ["vocabulary", "board", "wire", "feed", "outbox", "store", "components", "pages"];
const source = join(import.meta.dirname, "../src");
const IMPORT = /from\s+"(\.{1,2}\/[^"]+)"/g;

describe("the floors", () => {
  for (const [height, floor] of FLOORS.entries()) {
    it(`${floor} imports from nothing above it`, () => {
      const upward = readdirSync(join(source, floor)).flatMap((file) => {
        const code = readFileSync(join(source, floor, file), "utf8");
        return [...code.matchAll(IMPORT)]
          .map(([, path]) => posix.normalize(posix.join(floor, path ?? "")))
          .filter((path) => FLOORS.indexOf(path.split("/")[0] ?? "") > height)
          .map((path) => `${floor}/${file} imports ${path}`);
      });
      expect(upward).toEqual([]);
    });
  }
});
