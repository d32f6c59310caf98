/** Why the server refused, in the words of the person who tapped; its own title serves for what is not here. */

const REFUSALS: Readonly<Record<string, string>> = {
  "/problems/unknown-pool": "ce groupe de places n’est plus au tableau",
  "/problems/unknown-territory": "le serveur ne connaît pas ce territoire",
  "/problems/too-old": "trop ancien : plus de sept jours",
  "/problems/invalid-report": "la valeur n’est pas acceptée",
  "/problems/invalid-body": "le serveur n’a pas compris le message",
  "/problems/body-too-large": "le message est trop long",
  "/problems/row-changed": "quelqu’un a changé ces chiffres entre-temps",
  "/problems/no-free-place": "il n’y a plus assez de places libres pour vous",
  "/problems/pool-closed": "c’est fermé",
  "/problems/pool-draining": "plus d’arrivées pour l’instant",
  "/problems/pool-suspended": "les arrivées sont suspendues",
  "/problems/pool-gone": "ces places ne sont plus au tableau",
  "/problems/protected-pool": "ces places ne se donnent que par le 115",
  "/problems/unknown-hold": "le serveur ne connaît plus cette place tenue",
  "/problems/hold-ended": "c’était déjà terminé",
  "/problems/hold-active": "la place est encore tenue",
  "/problems/hold-too-long": "quatre heures au plus à partir de maintenant",
  "/problems/more-than-held": "plus de personnes que de places tenues",
  "/problems/not-accepted": "la demande n’est pas encore acceptée : n’y allez pas encore",
  "/problems/address-given": "l’adresse a déjà été donnée à votre équipe, sur un autre appareil",
  "/problems/not-allowed": "votre rôle ne le permet pas",
  "/problems/second-factor-needed": "terminez d’abord la mise en place de votre compte",
  "never-held": "aucune réponse du serveur à temps",
};

export function refusalInWords(problem: { readonly type: string; readonly title: string } | null): string {
  return problem === null ? "sans raison donnée" : (REFUSALS[problem.type] ?? problem.title);
}
