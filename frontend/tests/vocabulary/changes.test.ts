import { expect, it } from "vitest";
import { changesInWords } from "../../src/vocabulary/changes";

const facts = (...words: string[]) => new Map(words.map((one) => [one.split(" ")[0] ?? "", one]));

it("names the rows that changed, and none that came or went", () => {
  expect(changesInWords(facts("A 3", "B 2", "C 1"), facts("A 3", "B 1", "D 4"))).toBe("B 1.");
  expect(changesInWords(facts("A 3"), facts("A 3"))).toBe("");
});

it("names three, and counts the others", () => {
  const before = facts("A 1", "B 1", "C 1", "D 1", "E 1");
  expect(changesInWords(before, facts("A 2", "B 2", "C 2", "D 2"))).toBe("A 2 ; B 2 ; C 2 ; et 1 autre.");
});
