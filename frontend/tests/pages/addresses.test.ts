import { expect, it } from "vitest";
import { codeIn, linkIn } from "../../src/pages/addresses";

it("reads a link that signs in once, and where it leads", () => {
  expect(linkIn("#lien=s3cret&vers=/regulation")).toEqual({ secret: "s3cret", way: "/regulation" });
  expect(linkIn("")).toEqual({ secret: null, way: null });
});

it("reads the code of a scanned address", () => {
  expect(codeIn("#K7F2-R9M4")).toBe("K7F2-R9M4");
  expect(codeIn("")).toBeNull();
  expect(codeIn("#%")).toBeNull();
});
