import { expect, it } from "vitest";
import { draftOf, newPool, siteOf, slugOf } from "../../src/components/admin/draft";
import { parseRegisteredSite } from "../../src/wire/sites";

const SITE = {
  id: "halte",
  name: "Halte",
  kind: "women_halte",
  visibility: "protected",
  address: "1 place de la Halte",
  position: { lat: 48.85, lon: 2.35 },
  phone: null,
  opening_hours: "Mo-Su 18:00-08:00",
  organisation: null,
  reminder_hours: ["22:00", "02:00"],
  pools: [
    {
      id: "halte.women",
      unit: "room",
      sleeps: 3,
      audience: "women",
      traits: ["pets"],
      capacity: 39,
      fresh_for: 3600,
    },
  ],
};

it("saves a site that nobody changed as it was, field by field", () => {
  const read = parseRegisteredSite(SITE);
  if (read.kind !== "ok") throw new Error(read.why);
  expect(siteOf(draftOf(read.value))).toEqual(SITE);
});

it("gives new places an id of their own, and never that of others", () => {
  const read = parseRegisteredSite(SITE);
  if (read.kind !== "ok") throw new Error(read.why);
  const draft = draftOf(read.value);
  draft.pools.push(
    { ...newPool(), audience: "women", capacity: 4 },
    { ...newPool(), audience: "men", capacity: 2 },
  );
  expect(siteOf(draft).pools.map(({ id }) => id)).toEqual(["halte.women", "halte.women-2", "halte.men"]);
});

it("keeps persons a room to rooms, and reads a French comma", () => {
  const draft = draftOf(null);
  draft.lat = "48,857";
  draft.lon = "2,352";
  draft.pools = [{ ...newPool(), unit: "bed", sleeps: 3, capacity: 1 }];
  const site = siteOf(draft);
  expect(site.position).toEqual({ lat: 48.857, lon: 2.352 });
  expect(site.pools[0]?.sleeps).toBeNull();
});

it("makes an id of a name", () => {
  expect(slugOf("Halte de l’Hôtel-de-Ville (4e)")).toBe("halte-de-l-hotel-de-ville-4e");
});
