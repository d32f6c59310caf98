import { describe, expect, it } from "vitest";
import { admissionTo } from "../../src/board/admission";
import { ownScreen, signInTowards, wayWithin } from "../../src/board/ways";
import type { Grant, Role } from "../../src/vocabulary/roles";

const grant = (role: Role, ...sites: string[]): Grant => ({ territory: "75", role, sites });

describe("who comes in where", () => {
  it("shows the door to nobody in particular, and lets everybody try the wall", () => {
    expect(admissionTo("regulation", null)).toBe("door");
    expect(admissionTo("mur", null)).toBe("in");
  });

  it("sends each role to its own screen", () => {
    expect(admissionTo("regulation", grant("wall"))).toBe("elsewhere");
    expect(admissionTo("regulation", grant("operator"))).toBe("in");
    expect(admissionTo("maraude", grant("operator"))).toBe("elsewhere");
    expect(admissionTo("admin", grant("operator"))).toBe("elsewhere");
    expect(ownScreen(grant("wall"))).toBe("/mur?territory=75");
    expect(ownScreen(grant("staff", "halte-1"))).toBe("/halte/halte-1?territory=75");
  });

  it("lets staff into their own site only", () => {
    expect(admissionTo("halte", grant("staff", "a"), "a")).toBe("in");
    expect(admissionTo("halte", grant("staff", "a"), "b")).toBe("elsewhere");
    expect(admissionTo("halte", grant("operator"), "b")).toBe("in");
  });

  it("leads nowhere else after signing in", () => {
    const foreign = [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
      "",
      null,
    ];
    expect(foreign.map(wayWithin)).toEqual(foreign.map(() => null));
    expect(wayWithin("/halte/a?territory=75")).toBe("/halte/a?territory=75");
  });

  it("keeps what stands behind a hash away from the server", () => {
    expect(signInTowards("/appareil#K7F2-R9M4")).toBe("/connexion#vers=%2Fappareil%23K7F2-R9M4");
    expect(signInTowards("/mur")).toBe("/connexion?vers=%2Fmur");
  });
});
