/** Why the service did not let somebody in or through, in the words of the person who tried. */

const REFUSALS: Readonly<Record<string, string>> = {
  "/problems/wrong-credentials": "L’adresse, le mot de passe ou le code ne convient pas.",
  "/problems/code-needed": "Il faut aussi le code de votre téléphone.",
  "/problems/too-many-tries": "Trop d’essais. Attendez un peu avant de recommencer.",
  "/problems/link-used":
    "Ce lien a déjà servi, ou il est trop ancien. Demandez-en un autre à l’administration.",
  "/problems/weak-password":
    "Ce mot de passe est trop court ou trop connu. Prenez-en un d’au moins douze signes, par exemple quatre mots sans rapport.",
  "/problems/unknown-code":
    "Aucun écran n’attend avec ce code. Il change tous les quarts d’heure : relisez-le.",
  "/problems/not-allowed": "Votre rôle ne le permet pas.",
  "/problems/second-factor-needed": "Il faut d’abord terminer la mise en place de votre compte.",
  "/problems/foreign-origin": "Le navigateur ne dit pas d’où vient la page : ouvrez-la depuis ce site.",
  "/problems/not-signed-in": "Personne n’est connecté ici. Connectez-vous d’abord.",
  "/problems/unknown-site": "Cette structure n’existe pas, ou plus.",
  "/problems/pool-taken": "Cet identifiant de places appartient à une autre structure.",
  "/problems/invalid-body": "Une des valeurs n’est pas acceptée.",
};

export const NO_ANSWER = "Le serveur ne répond pas. Rien n’a changé ; recommencez.";

interface Refused {
  readonly type: string;
  readonly title: string;
  readonly detail: string | null;
}

export function accessRefusal({ type, title, detail }: Refused): string {
  return REFUSALS[type] ?? detail ?? title;
}

/** What to say of an answer that is not the one that was hoped for. */
export function troubleOf(
  answer: { readonly kind: "unanswered" } | { readonly kind: "refused"; readonly problem: Refused },
): string {
  return answer.kind === "refused" ? accessRefusal(answer.problem) : NO_ANSWER;
}
