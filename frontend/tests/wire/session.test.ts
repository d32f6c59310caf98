import { describe, expect, it } from "vitest";
import { parseDevices, tidyCode } from "../../src/wire/devices";
import { parseHoldAnswer, parseToldSite } from "../../src/wire/holds";
import { parseAuthorization, parseDeviceRefusal } from "../../src/wire/pairing";
import { parseLink, parsePeople } from "../../src/wire/people";
import { keptSession, parseSession } from "../../src/wire/session";

const SESSION = {
  signed_in: true,
  kind: "session",
  id: "0192",
  label: "Firefox",
  email: "a@115.example",
  needs: [],
  grants: [{ territory: "75", role: "operator", sites: [] }],
  expires_at: "2026-12-22T12:00:00.000Z",
};

describe("who is here", () => {
  it("is nobody without a credential", () => {
    expect(parseSession({ signed_in: false, grants: [] })).toEqual({ kind: "ok", value: null });
  });

  it("is read from the service and from what was kept alike", () => {
    const who = parseSession(SESSION);
    if (who.kind !== "ok" || who.value === null) throw new Error("not read");
    expect(who.value.grants).toEqual([{ territory: "75", role: "operator", sites: [] }]);
    expect(parseSession(JSON.parse(keptSession(who.value)))).toEqual(who);
  });

  it("is refused when a role is not known here", () => {
    const grants = [{ territory: "75", role: "emperor", sites: [] }];
    expect(parseSession({ ...SESSION, grants }).kind).toBe("malformed");
  });
});

describe("devices", () => {
  it("are told apart from those that were shut out", () => {
    const device = {
      id: "d1",
      kind: "device",
      label: "Télé",
      role: "wall",
      sites: [],
      created_at: "2026-11-22T12:00:00.000Z",
      last_used_at: null,
      expires_at: null,
      revoked_at: "2026-11-22T13:00:00.000Z",
    };
    const read = parseDevices({ devices: [device] });
    expect(read.kind === "ok" && read.value[0]?.revoked_ms).toBe(Date.parse("2026-11-22T13:00:00.000Z"));
  });

  it("ask with a code that may be typed in any way", () => {
    expect(["k7f2-r9m4", "K7F2 R9M4", " k7f2r9m4 "].map(tidyCode)).toEqual(Array(3).fill("K7F2-R9M4"));
    expect(["KDBF", "", "K7F2-R9M49"].map(tidyCode)).toEqual([null, null, null]);
  });

  it("wait by OAuth's own words", () => {
    const refusal = parseDeviceRefusal({ error: "slow_down" });
    expect(refusal.kind === "ok" && refusal.value.type).toBe("slow_down");
    expect(
      parseAuthorization({ device_code: "s", user_code: "K7F2-R9M4", expires_in: 900, interval: 3 }).kind,
    ).toBe("ok");
  });
});

describe("people", () => {
  it("come with a link that is shown once", () => {
    const person = {
      id: "p",
      email: "a@b.fr",
      role: "staff",
      sites: ["halte"],
      has_password: false,
      has_totp: false,
    };
    const read = parsePeople({ people: [person] });
    expect(read.kind === "ok" && read.value[0]?.sites).toEqual(["halte"]);
    const link = parseLink({
      person,
      link: "/connexion#lien=x",
      link_expires_at: "2026-11-22T12:00:00.000Z",
    });
    expect(link.kind === "ok" && link.value.link).toBe("/connexion#lien=x");
  });
});

describe("a hold on a protected site", () => {
  const hold = {
    id: "h",
    code: "K7Q2",
    channel: "maraude",
    lines: [{ pool: "protege-x", places: 1 }],
    state: "active",
    expires_at: "2026-11-22T12:45:00.000Z",
    seq: 3,
  };

  it("says whether it is accepted, and others that there is nothing to accept", () => {
    const said = [{}, { acceptance: null }, { acceptance: "pending" }, { acceptance: "accepted" }].map(
      (more) => {
        const read = parseHoldAnswer({ hold: { ...hold, ...more }, rows: [] });
        return read.kind === "ok" ? read.value.hold.acceptance : "malformed";
      },
    );
    expect(said).toEqual([null, null, "pending", "accepted"]);
  });

  it("tells where it is only as far as the site says it", () => {
    const site = { name: "Maison", address: "3 impasse", position: null, phone: null, opening_hours: null };
    expect(parseToldSite({ site })).toEqual({
      kind: "ok",
      value: { name: "Maison", address: "3 impasse", phone: null, opening_hours: null },
    });
  });
});
