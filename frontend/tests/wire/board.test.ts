import { describe, expect, it } from "vitest";
import { parseBoardMessage } from "../../src/wire/board";
import { pictureOf } from "../../src/wire/picture";
import { NOON, row, wireMessage, wireRow } from "../builders";

describe("a board message", () => {
  it("is read from its text", () => {
    const message = parseBoardMessage(JSON.stringify(wireMessage()));
    expect(message).toEqual({
      kind: "ok",
      value: { epoch: "e1", since: null, seq: 1, server_ms: NOON, complete: true, rows: [row()] },
    });
  });

  it("may carry tombstones, contingents and pools that nobody reported on", () => {
    const rows = [
      { pool: "a", seq: 4, gone: true },
      wireRow({
        observed_at: null,
        contingents: [
          { channel: "115", places: 2, until: "2026-11-22T23:00:00.000Z" },
          { channel: "maraude", places: 3, held: 1, until: "2026-11-22T23:00:00.000Z" },
        ],
      }),
    ];
    const message = parseBoardMessage(wireMessage({ complete: false, since: 3, rows }));
    expect(message.kind === "ok" && message.value.rows).toEqual([
      { pool: "a", seq: 4, gone: true },
      row({
        observed_ms: null,
        contingents: [
          { channel: "115", places: 2, held: 0, until_ms: Date.parse("2026-11-22T23:00:00.000Z") },
          { channel: "maraude", places: 3, held: 1, until_ms: Date.parse("2026-11-22T23:00:00.000Z") },
        ],
      }),
    ]);
  });

  it("may have fields that this page does not know", () => {
    expect(parseBoardMessage(wireMessage({ rows: [wireRow({ new_field: 1 })], also: {} })).kind).toBe("ok");
  });

  for (const [name, data] of Object.entries({
    "no JSON": "{",
    "no object": "[]",
    nothing: null,
    "no epoch": wireMessage({ epoch: undefined }),
    "a change without since": wireMessage({ complete: false }),
    "a seq with a fraction": wireMessage({ seq: 1.5 }),
    "a negative free": wireMessage({ rows: [wireRow({ free: -1 })] }),
    "a free in words": wireMessage({ rows: [wireRow({ free: "3" })] }),
    "an unknown status": wireMessage({ rows: [wireRow({ status: "maybe" })] }),
    "a word of every object": wireMessage({ rows: [wireRow({ status: "toString" })] }),
    "no moment": wireMessage({ rows: [wireRow({ observed_at: "yesterday" })] }),
  })) {
    it(`is refused: ${name}`, () => {
      expect(parseBoardMessage(data).kind).toBe("malformed");
    });
  }
});

describe("the kept picture", () => {
  it("is read back as the same board", () => {
    const kept = pictureOf({ epoch: "e1", seq: 7, rows: new Map([["halte.women", row()]]) }, NOON);
    const message = parseBoardMessage(kept);
    expect(message.kind === "ok" && message.value).toMatchObject({
      epoch: "e1",
      seq: 7,
      complete: true,
      rows: [row()],
    });
  });
});
