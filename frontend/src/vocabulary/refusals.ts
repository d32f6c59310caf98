/**
 * Why the server refused, in the words of the person who tapped. The table has every type of problem that the server
 * knows, by a test over there; its own title serves for one that a newer server has.
 */
import problems from "./problems.json";

const TYPES = "/problems/";
const IN_WORDS: Readonly<Record<string, string>> = problems;

export function refusalInWords(problem: { readonly type: string; readonly title: string } | null): string {
  if (problem === null) return "sans raison donnée";
  if (problem.type === "never-held") return "aucune réponse du serveur à temps";
  const slug = problem.type.replace(TYPES, "");
  return Object.hasOwn(IN_WORDS, slug) ? (IN_WORDS[slug] ?? problem.title) : problem.title;
}

/** What to do about it, for whoever tapped at the site. */
const TO_DO: Readonly<Record<string, string>> = {
  "too-old": "Ce n’est plus vrai de ce soir : comptez, et enregistrez le nombre de maintenant",
  "row-changed": "Regardez le chiffre, puis recommencez",
  "pool-gone": "Demandez à votre administrateur si ces places existent encore",
  "unknown-pool": "Demandez à votre administrateur si ces places existent encore",
  "unknown-site": "Demandez à votre administrateur si cette structure existe encore",
  "unknown-territory": "Demandez à votre administrateur la bonne adresse de cette page",
  "not-allowed": "Demandez à votre administrateur le rôle qu’il faut, puis recommencez",
};

export function whatToDo(problem: { readonly type: string } | null): string {
  const slug = problem?.type.replace(TYPES, "") ?? "";
  return Object.hasOwn(TO_DO, slug) ? (TO_DO[slug] ?? "") : "Vérifiez le chiffre et recommencez s’il le faut";
}
