import { expect, it } from "vitest";
import { copyName, copyOf } from "../../src/outbox/copy";
import { type Entry, newEntry } from "../../src/outbox/queue";
import { NOON } from "../builders";

function entry(id: string, territory = "75", state: Entry["state"] = "waiting"): Entry {
  const statement = { type: "movement", pool: "halte.women", delta: 1 } as const;
  return { ...newEntry(id, { territory, site: "halte", statement, seen: null }, NOON), state };
}

it("is a body that the server takes as it is, with ids and moments, and never says when it was sent", () => {
  const text = copyOf([entry("a"), entry("b", "93"), entry("c", "75", "refused")], "75");
  expect(JSON.parse(text)).toEqual({
    reports: [
      { id: "a", type: "movement", pool: "halte.women", delta: 1, observed_at: new Date(NOON).toISOString() },
    ],
  });
});

it("has a name that every disk takes", () => {
  expect(copyName("75", Date.parse("2026-11-22T22:41:07Z"))).toBe("capacity-75-2026-11-22T22-41.json");
});
