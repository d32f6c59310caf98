/** Why the server refused, in the words of the person who tapped; its own title serves for what is not here. */

const REFUSALS: Readonly<Record<string, string>> = {
  "/problems/unknown-pool": "ce groupe de places n’est plus au tableau",
  "/problems/unknown-territory": "le serveur ne connaît pas ce territoire",
  "/problems/too-old": "trop ancien : plus de sept jours",
  "/problems/invalid-report": "la valeur n’est pas acceptée",
  "/problems/invalid-body": "le serveur n’a pas compris le message",
  "/problems/body-too-large": "le message est trop long",
  "/problems/row-changed": "quelqu’un a changé ces chiffres entre-temps",
};

export function refusalInWords(problem: { readonly type: string; readonly title: string } | null): string {
  return problem === null ? "sans raison donnée" : (REFUSALS[problem.type] ?? problem.title);
}
