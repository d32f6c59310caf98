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

export interface Grant {
  readonly territory: string;
  readonly role: Role;
  /** Those that the role is for; none for a role that is for all of the territory. */
  readonly sites: readonly string[];
}
