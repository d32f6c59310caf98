/** What a screen says at its door, and what it calls itself to whoever lets it in. */

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
