import { describe, expect, it } from "vitest";
import { idMaker } from "../../src/outbox/ids";

const bytes = (count: number) => new Uint8Array(count).fill(0xff);

describe("command ids", () => {
  it("are UUIDs of version 7 that carry their moment", () => {
    const id = idMaker(() => 0x0192_3456_789a, bytes)();
    expect(id).toBe("01923456-789a-7000-bfff-ffffffffffff");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("sort in the order of the taps, within a millisecond and when the clock goes back", () => {
    const times = [...Array<number>(5_000).fill(1_000), 900, 1_001, 5_000];
    const newId = idMaker(() => times.shift() ?? 0, bytes);
    const ids = Array.from({ length: 5_003 }, () => newId());
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
