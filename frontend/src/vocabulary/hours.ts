/** Opening hours as OpenStreetMap writes them, in French; what this page cannot read it passes on as it stands. */

const DAYS: Readonly<Record<string, string>> = {
  Mo: "lun",
  Tu: "mar",
  We: "mer",
  Th: "jeu",
  Fr: "ven",
  Sa: "sam",
  Su: "dim",
  PH: "jours fériés",
  off: "fermé",
  closed: "fermé",
};
const WORD = /\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|off|closed)\b/g;
const HOUR = /\b([01]?\d|2[0-4]):([0-5]\d)\b/g;

/** "tous les jours 18 h – 8 h", "lun – ven 9 h – 17 h 30, sam 9 h – 12 h", "jour et nuit". */
export function hoursInWords(hours: string): string {
  if (hours.trim() === "24/7") return "jour et nuit";
  return hours
    .replace(/\bMo-Su\b/g, "tous les jours")
    .replace(WORD, (word) => DAYS[word] ?? word)
    .replace(
      HOUR,
      (_, hour: string, minute: string) => `${Number(hour)} h${minute === "00" ? "" : ` ${minute}`}`,
    )
    .replace(/(?<=[\da-zé])-(?=\d|lun|mar|mer|jeu|ven|sam|dim)/g, " – ")
    .replace(/\s*;\s*/g, ", ");
}
