import { describe, expect, it } from "vitest";
import { parseExplanation } from "../../src/wire/explanation";
import { wireRow } from "../builders";

const AT = "2026-11-22T21:38:00.000Z";
const wireExplanation = (changes: object = {}) => ({
  pool: "halte.women",
  site: "halte",
  row: wireRow({ occupied: 35, held: 1, out_of_service: 1, free: 2 }),
  capacity: { places: 39, since: null },
  extra: { places: 0 },
  out_of_service: { places: 1, reason: "pests", since: AT },
  status: { status: "open", reason: null, until: null, since: null },
  occupied: {
    places: 35,
    count: { occupied: 36, observed_at: AT, by: null },
    movements: [{ delta: -1, observed_at: AT, by: "movement" }],
    earlier_movements: 0,
    cut: 0,
  },
  held: {
    places: 1,
    holds: [{ hold: "0192…", channel: "115", places: 1, expires_at: "2026-11-22T22:41:00.000Z" }],
  },
  contingents: [{ channel: "maraude", places: 2, held: 0, until: AT }],
  free: 2,
  over: 0,
  ...changes,
});

describe("an explanation", () => {
  it("is read with its moments", () => {
    const read = parseExplanation(wireExplanation());
    expect(read.kind === "ok" && read.value).toMatchObject({
      capacity: { places: 39, since_ms: null },
      out_of_service: { places: 1, reason: "pests", since_ms: Date.parse(AT) },
      occupied: { count: { occupied: 36, by: null }, movements: [{ delta: -1, by: "movement" }] },
      held: { holds: [{ channel: "115", places: 1, expires_ms: Date.parse("2026-11-22T22:41:00.000Z") }] },
    });
  });

  it("may be of a pool that nobody has counted", () => {
    const occupied = { places: 0, count: null, movements: [], earlier_movements: 0, cut: 0 };
    const read = parseExplanation(wireExplanation({ occupied }));
    expect(read.kind === "ok" && read.value.occupied.count).toBeNull();
  });

  for (const [name, changes] of Object.entries({
    "of a pool that is gone": { row: { pool: "a", seq: 3, gone: true } },
    "without its parts": { held: undefined },
    "with half a place": { free: 0.5 },
  })) {
    it(`${name} is refused`, () => {
      expect(parseExplanation(wireExplanation(changes)).kind).toBe("malformed");
    });
  }
});
