/** Who may be somebody here, as the wire spells it and as the screens say it. */

export const ROLES = {
  admin: "Administration",
  operator: "Écoutant 115",
  maraude: "Maraude",
  staff: "Équipe de structure",
  wall: "Écran mural",
  integration: "Logiciel de structure",
  public: "Public",
} as const;
export type Role = keyof typeof ROLES;

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

export interface Grant {
  readonly territory: string;
  readonly role: Role;
  /** Those that the role is for; none for a role that is for all of the territory. */
  readonly sites: readonly string[];
}
