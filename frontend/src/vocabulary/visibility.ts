/** Who may see a site, each in a sentence that whoever decides it can hold on to. */

export const VISIBILITIES = {
  public: "publique",
  professional: "professionnelle",
  protected: "protégée",
} as const;
export type Visibility = keyof typeof VISIBILITIES;

export const VISIBILITY_SENTENCES: Record<Visibility, string> = {
  public: "Tout le monde peut voir son nom, son adresse et ses places libres, si le territoire est public.",
  professional: "Les maraudes, les structures et le 115 la voient ; le public jamais.",
  protected:
    "Seuls le 115 et sa propre équipe voient son nom et son adresse. Les autres voient « Site protégé » et des chiffres ; une maraude reçoit l’adresse une fois sa demande acceptée.",
};
