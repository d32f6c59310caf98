/** What a screen says at its door, and what it calls itself to whoever lets it in. */

import type { Role } from "./roles";

type Door = "mur" | "maraude" | "halte" | "regulation" | "admin" | "appareil";

export const PAGE_NAMES: Record<Door, string> = {
  mur: "le mur",
  maraude: "la page des maraudes",
  halte: "la page de cette structure",
  regulation: "la régulation",
  admin: "l’administration",
  appareil: "la liaison des appareils",
};

/** What a page calls itself when it asks to be let in; those that have none are for people only. */
export const CLIENT_IDS: Partial<Record<Door, string>> = {
  mur: "wall",
  maraude: "maraude",
  halte: "halte",
  regulation: "regulation",
};

/** What asks, in the words of whoever lets it in, and the role that it most likely wants. */
export const CLIENTS: Readonly<Record<string, { readonly words: string; readonly role: Role }>> = {
  wall: { words: "un écran mural", role: "wall" },
  halte: { words: "une tablette de structure", role: "staff" },
  maraude: { words: "un téléphone de maraude", role: "maraude" },
  regulation: { words: "un poste de régulation", role: "operator" },
};
