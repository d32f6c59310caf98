/** What is said of this page's own version: in plain elements, since it is little and comes after all else. */

import { keepAndRenew, takeNewVersion } from "../store/renewal";
import "../style/renewing.css";

/** A wall has nobody to tell anything to: it takes a new version when its page turns. */
export function renew(page: string): void {
  const told = document.createElement("div");
  told.className = "renewing";
  told.setAttribute("role", "status");
  document.body.append(told);
  void keepAndRenew(page, (news) => {
    // The line with the age of the data says it; what is kept is no event.
    if (news === "kept") document.documentElement.dataset.kept = page;
    else if (page !== "mur") told.replaceChildren(...announced(told));
  });
}

function announced(told: HTMLElement): Node[] {
  const clear = () => told.replaceChildren();
  return [words("Nouvelle version"), button("Recharger", takeNewVersion), button("Plus tard", clear)];
}

function words(text: string): HTMLElement {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}

function button(text: string, act: () => void): HTMLElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  element.onclick = act;
  return element;
}
