/** What whoever gives a role is told of it, and whom it can be given to. */

import type { Role } from "./roles";

/** What each may do, in one sentence, for whoever gives the role. */
export const ROLE_SENTENCES: Record<Role, string> = {
  admin: "gère les structures, les personnes et les appareils du territoire",
  operator: "cherche, tient des places et voit les adresses protégées",
  maraude: "cherche et tient des places, sans voir les adresses protégées",
  staff: "dit les comptages et reçoit les arrivées de ses structures",
  wall: "regarde le tableau, ne change rien",
  integration: "envoie les comptages de ses structures par logiciel",
  public: "voit les seuls chiffres publics",
};

/** The roles that are for named sites only. */
export const SITE_ROLES: ReadonlySet<Role> = new Set(["staff", "integration"]);
/** Whom a person can be; the others are for devices and software. */
export const PEOPLE_ROLES = ["admin", "operator", "maraude", "staff"] as const satisfies readonly Role[];
export const DEVICE_ROLES = ["wall", "staff", "maraude", "operator"] as const satisfies readonly Role[];
