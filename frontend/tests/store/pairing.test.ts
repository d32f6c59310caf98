import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/api/asking";
import { Pairing } from "../../src/store/pairing.svelte";
import { HandClock } from "../builders";

const CODES = ["AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC"];
const refused = (type: string): Answer<null> => ({
  kind: "refused",
  status: 400,
  problem: { type, title: type, detail: null },
});
const OK: Answer<null> = { kind: "ok", value: null, isNew: false };
const AWAY = { kind: "unanswered", isReachable: false, retry_ms: null } as const;

function screen(...answers: Answer<null>[]) {
  const clock = new HandClock();
  let [asked, looked, admitted] = [0, 0, 0];
  const pairing = new Pairing("wall", null, () => (admitted += 1), {
    clock,
    askToBeLetIn: async () => {
      const user_code = CODES[asked] ?? "";
      asked += 1;
      const value = { device_code: `secret-${asked}`, user_code, expires_in: 900, interval: 3, qr_svg: null };
      return { kind: "ok", value, isNew: false };
    },
    askWhetherLetIn: async () => {
      looked += 1;
      return answers[looked - 1] ?? refused("authorization_pending");
    },
  });
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.pass(1000);
      await settled();
    }
  };
  const stop = pairing.start();
  return { pairing, pass, settled, stop, counts: () => ({ asked, looked, admitted }) };
}

describe("a screen that asks to be let in", () => {
  it("looks at the interval that it was told, and goes on once it is let in", async () => {
    const { pairing, pass, settled, counts } = screen(refused("authorization_pending"), OK);
    await settled();
    expect(pairing.authorization?.user_code).toBe("AAAA-AAAA");
    await pass(6);
    expect(counts()).toEqual({ asked: 1, looked: 2, admitted: 1 });
    await pass(60);
    expect(counts().looked).toBe(2);
  });

  it("slows down when it is asked to", async () => {
    const { pass, settled, counts } = screen(refused("slow_down"));
    await settled();
    await pass(3);
    await pass(7);
    expect(counts().looked).toBe(1);
    await pass(1);
    expect(counts().looked).toBe(2);
  });

  it("begins anew by itself when its code has run out", async () => {
    const { pairing, pass, settled } = screen(refused("expired_token"));
    await settled();
    await pass(3);
    expect(pairing.authorization?.user_code).toBe("BBBB-BBBB");
  });

  it("begins anew even when nobody tells it that the code has run out", async () => {
    const { pairing, pass, settled } = screen();
    await settled();
    await pass(904);
    expect(pairing.authorization?.user_code).toBe("BBBB-BBBB");
  });

  it("keeps its code in sight while the service is away", async () => {
    const { pairing, pass, settled } = screen(AWAY, refused("authorization_pending"));
    await settled();
    await pass(3);
    expect([pairing.state, pairing.authorization?.user_code]).toEqual(["late", "AAAA-AAAA"]);
    await pass(8);
    expect(pairing.state).toBe("shown");
  });

  it("asks nothing more after a no, until somebody wants it to", async () => {
    const { pairing, pass, settled, counts } = screen(refused("access_denied"));
    await settled();
    await pass(60);
    expect([pairing.state, counts().looked]).toEqual(["denied", 1]);
    pairing.again();
    await settled();
    expect(pairing.authorization?.user_code).toBe("BBBB-BBBB");
  });

  it("is silent once it is stopped", async () => {
    const { pass, settled, stop, counts } = screen();
    await settled();
    stop();
    await pass(60);
    expect(counts().looked).toBe(0);
  });
});
