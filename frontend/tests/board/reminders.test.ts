import { describe, expect, it } from "vitest";
import { reminderDue } from "../../src/board/reminders";

const HOURS = ["22:00", "02:00"];
const at = (moment: string): number => Date.parse(moment);
const due = (told: string | null, now: string, hours = HOURS) =>
  reminderDue(hours, told === null ? null : at(told), at(now))?.hour ?? null;

// Paris is an hour ahead of UTC in winter: 22:00 there is 21:00Z.
describe("a reminder", () => {
  it("stands from its hour on, for a figure that was older than half an hour then", () => {
    expect(due("2026-11-22T20:29:00Z", "2026-11-22T20:59:59Z")).toBeNull();
    expect(due("2026-11-22T20:29:00Z", "2026-11-22T21:00:00Z")).toBe("22:00");
    expect(due("2026-11-22T20:30:00Z", "2026-11-22T21:00:00Z")).toBeNull();
    expect(due(null, "2026-11-22T21:00:00Z")).toBe("22:00");
  });

  it("is answered by anything that is told after it", () => {
    expect(due("2026-11-22T21:05:00Z", "2026-11-22T21:06:00Z")).toBeNull();
    expect(due("2026-11-22T21:05:00Z", "2026-11-22T23:59:00Z")).toBeNull();
  });

  it("gives way to the next hour, also past midnight, and ends by itself", () => {
    expect(due("2026-11-22T18:00:00Z", "2026-11-22T23:59:00Z")).toBe("22:00");
    expect(due("2026-11-22T18:00:00Z", "2026-11-23T00:00:00Z", ["22:00"])).toBeNull();
    expect(due("2026-11-22T18:00:00Z", "2026-11-23T01:00:00Z")).toBe("02:00");
    expect(due("2026-11-22T18:00:00Z", "2026-11-23T12:00:00Z")).toBeNull();
  });

  it("keeps the clock of the place through the nights on which it is set", () => {
    // 2026-10-25: at 03:00 it is 02:00 again. 01:30 is 23:30Z, and at 04:00 (03:00Z) it was three and a half hours ago.
    expect(due(null, "2026-10-25T02:29:00Z", ["01:30"])).toBe("01:30");
    expect(due(null, "2026-10-25T02:30:00Z", ["01:30"])).toBeNull();
    // 2026-03-29: at 02:00 it is 03:00. 01:30 is 00:30Z, and 05:00 (03:00Z) is only two and a half hours later.
    expect(due(null, "2026-03-29T03:00:00Z", ["01:30"])).toBe("01:30");
  });

  it("never stands where a site chose no hour", () => {
    expect(due(null, "2026-11-22T21:00:00Z", [])).toBeNull();
  });
});
