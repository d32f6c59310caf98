/** A site as a form holds it: texts that may be empty, and pools that know whether they are new. */

import { folded } from "../../vocabulary/places";
import type { Audience, Kind, Unit } from "../../vocabulary/terms";
import type { Visibility } from "../../vocabulary/visibility";
import { FRESH_FOR_S, type RegisteredPool, type RegisteredSite } from "../../wire/sites";

export interface PoolDraft {
  id: string;
  readonly isNew: boolean;
  unit: Unit;
  sleeps: number | null;
  audience: Audience;
  traits: readonly string[];
  capacity: number | null;
  fresh_minutes: number | null;
}

export interface SiteDraft {
  id: string;
  name: string;
  kind: Kind;
  visibility: Visibility;
  address: string;
  lat: string;
  lon: string;
  phone: string;
  opening_hours: string;
  organisation: string;
  /** Hours with spaces between them: "22:00 02:00". */
  reminder_hours: string;
  pools: PoolDraft[];
}

export const newPool = (): PoolDraft => ({
  id: "",
  isNew: true,
  unit: "place",
  sleeps: null,
  audience: "mixed",
  traits: [],
  capacity: null,
  fresh_minutes: FRESH_FOR_S / 60,
});

export function draftOf(site: RegisteredSite | null): SiteDraft {
  return {
    id: site?.id ?? "",
    name: site?.name ?? "",
    kind: site?.kind ?? "night_halte",
    visibility: site?.visibility ?? "professional",
    address: site?.address ?? "",
    lat: site?.position ? String(site.position.lat) : "",
    lon: site?.position ? String(site.position.lon) : "",
    phone: site?.phone ?? "",
    opening_hours: site?.opening_hours ?? "",
    organisation: site?.organisation ?? "",
    reminder_hours: site?.reminder_hours.join(" ") ?? "",
    pools: site === null ? [newPool()] : site.pools.map(poolDraft),
  };
}

function poolDraft({ fresh_for, ...pool }: RegisteredPool): PoolDraft {
  return { ...pool, isNew: false, fresh_minutes: fresh_for / 60 };
}

/** As it goes to the service; an empty text is nothing, and a new pool gets its id from its site and audience. */
export function siteOf(draft: SiteDraft): RegisteredSite {
  const id = draft.id.trim();
  const taken = new Set(draft.pools.filter(({ isNew }) => !isNew).map((pool) => pool.id));
  return {
    id,
    name: draft.name.trim(),
    kind: draft.kind,
    visibility: draft.visibility,
    address: draft.address.trim() || null,
    position: positionOf(draft),
    phone: draft.phone.trim() || null,
    opening_hours: draft.opening_hours.trim() || null,
    organisation: draft.organisation.trim() || null,
    reminder_hours: draft.reminder_hours
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(hourOf),
    pools: draft.pools.map((pool) => ({
      id: pool.isNew ? freshId(`${id}.${pool.audience}`, taken) : pool.id,
      unit: pool.unit,
      sleeps: pool.unit === "room" ? pool.sleeps : null,
      audience: pool.audience,
      traits: pool.traits,
      capacity: pool.capacity ?? 0,
      fresh_for: Math.round((pool.fresh_minutes ?? FRESH_FOR_S / 60) * 60),
    })),
  };
}

/** "22:00" also of "22h" and "22h00", "07:30" of "7:30". What is none of these goes as it is, and the service says so. */
function hourOf(written: string): string {
  const [, hour = "", minute = ""] = /^(\d{1,2})[:hH](\d{2})?$/.exec(written) ?? [];
  return hour === "" ? written : `${hour.padStart(2, "0")}:${minute || "00"}`;
}

/** "halte.women", then "halte.women-2". */
function freshId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number += 1) id = `${wanted}-${number}`;
  taken.add(id);
  return id;
}

function positionOf({ lat, lon }: SiteDraft): RegisteredSite["position"] {
  const [north, east] = [lat, lon].map((degrees) => Number.parseFloat(degrees.replace(",", ".")));
  if (north === undefined || east === undefined || Number.isNaN(north) || Number.isNaN(east)) return null;
  return { lat: north, lon: east };
}

/** "Halte de l’Hôtel-de-Ville" as an id: "halte-de-l-hotel-de-ville". */
export function slugOf(name: string): string {
  return folded(name)
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
}
