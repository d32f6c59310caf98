/** Screens that ask to be let in, as whoever decides hears of them. */

import type { Role } from "./roles";

/** What asks, in the words of whoever lets it in, and the role that it most likely wants. */
export const CLIENTS: Readonly<Record<string, { readonly words: string; readonly role: Role }>> = {
  wall: { words: "un écran mural", role: "wall" },
  halte: { words: "une tablette de structure", role: "staff" },
  maraude: { words: "un téléphone de maraude", role: "maraude" },
  regulation: { words: "un poste de régulation", role: "operator" },
};
