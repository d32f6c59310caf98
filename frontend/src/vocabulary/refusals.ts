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
