import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";

/** From the ground up: a file may import from its own floor and from those below it. */
const FLOORS = ["vocabulary", "board", "wire", "feed", "outbox", "api", "store", "components", "pages"];
const source = join(import.meta.dirname, "../src");
const isSource = (file: string) => /\.(ts|svelte)$/.test(file);
const IMPORT = /from\s+"(\.{1,2}\/[^"]+)"/g;

describe("the floors", () => {
  for (const [height, floor] of FLOORS.entries()) {
    it(`${floor} imports from nothing above it`, () => {
      const files = readdirSync(join(source, floor), { recursive: true, encoding: "utf8" });
      const upward = files.filter(isSource).flatMap((file) => {
        const code = readFileSync(join(source, floor, file), "utf8");
        const folder = posix.dirname(posix.join(floor, file.replaceAll("\\", "/")));
        return [...code.matchAll(IMPORT)]
          .map(([, path]) => posix.normalize(posix.join(folder, path ?? "")))
          .filter((path) => FLOORS.indexOf(path.split("/")[0] ?? "") > height)
          .map((path) => `${floor}/${file} imports ${path}`);
      });
      expect(upward).toEqual([]);
    });
  }
});
