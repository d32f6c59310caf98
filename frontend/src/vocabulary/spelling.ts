/** A code as it is spelled on a French telephone line. */

const NAMES: Readonly<Record<string, string>> = {
  A: "Anatole",
  B: "Berthe",
  C: "Célestin",
  D: "Désiré",
  E: "Eugène",
  F: "François",
  G: "Gaston",
  H: "Henri",
  I: "Irma",
  J: "Joseph",
  K: "Kléber",
  L: "Louis",
  M: "Marcel",
  N: "Nicolas",
  O: "Oscar",
  P: "Pierre",
  Q: "Quintal",
  R: "Raoul",
  S: "Suzanne",
  T: "Thérèse",
  U: "Ursule",
  V: "Victor",
  W: "William",
  X: "Xavier",
  Y: "Yvonne",
  Z: "Zoé",
};

/** "K comme Kléber, 7, Q comme Quintal, 2". */
export function spelled(code: string): string {
  return [...code]
    .map((sign) => (NAMES[sign] === undefined ? sign : `${sign} comme ${NAMES[sign]}`))
    .join(", ");
}

/** As a screen reader should say it: sign by sign. */
export function signBySign(code: string): string {
  return [...code].join(" ");
}
