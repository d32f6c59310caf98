import { describe, expect, it } from "vitest";
import { keyOf } from "../../src/components/regulation/keys";

const pressed = (
  key: string,
  code: string,
  held: Partial<Record<"ctrlKey" | "altKey" | "metaKey", boolean>> = {},
) => keyOf({ key, code, ctrlKey: false, altKey: false, metaKey: false, ...held });

describe("the keys of the operators' screen", () => {
  it("are digits on every keyboard, also on a French one without Shift", () => {
    expect([
      pressed("1", "Digit1"),
      pressed("&", "Digit1"),
      pressed("-", "Digit6"),
      pressed("9", "Numpad9"),
    ]).toEqual(["1", "1", "6", "9"]);
  });

  it("lengthen and shorten by the signs of each keyboard", () => {
    expect([pressed("+", "Equal"), pressed("=", "Equal"), pressed("+", "NumpadAdd")]).toEqual([
      "+",
      "+",
      "+",
    ]);
    expect([pressed("-", "Minus"), pressed(")", "Minus"), pressed("-", "NumpadSubtract")]).toEqual([
      "-",
      "-",
      "-",
    ]);
  });

  it("leave to the browser what belongs to it", () => {
    expect(pressed("p", "KeyP", { ctrlKey: true })).toBeNull();
    expect(pressed("1", "Digit1", { altKey: true })).toBeNull();
    expect([pressed("L", "KeyL"), pressed("Escape", "Escape"), pressed("F2", "F2")]).toEqual([
      "l",
      "Escape",
      "F2",
    ]);
  });
});
