/** What was done, as the register of acts says it. */

const ACTS: Readonly<Record<string, string>> = {
  site_put: "Structure créée ou modifiée",
  site_closed: "Structure fermée",
  person_added: "Personne ajoutée",
  person_changed: "Rôle changé",
  person_removed: "Personne retirée",
  link_made: "Lien de connexion créé",
  device_approved: "Appareil accepté",
  device_denied: "Appareil refusé",
  device_revoked: "Appareil révoqué",
  token_made: "Jeton créé",
  protected_read: "Adresse protégée consultée",
  address_given: "Adresse protégée donnée à une équipe",
  hold_accepted: "Demande sur un site protégé acceptée",
  hold_refused: "Demande sur un site protégé refusée",
  signed_in: "Connexion",
  sign_in_failed: "Connexion refusée",
  territory_public: "Publicité du territoire changée",
};

/** What this page does not know yet is said as it came. */
export const actInWords = (action: string): string => ACTS[action] ?? action;
