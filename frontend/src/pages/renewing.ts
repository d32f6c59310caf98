/** What is said of this page's own version: in plain elements, since it is little and comes after all else. */

import { keep, kept } from "../store/keep";
import { keepAndRenew, type News, takeNewVersion } from "../store/renewal";
import "../style/renewing.css";

const KEPT_SHOWN_MS = 6_000;

/** A wall has nobody to tell anything to: it takes a new version when its page turns. */
export function renew(page: string): void {
  const told = document.createElement("div");
  told.className = "renewing";
  told.setAttribute("role", "status");
  document.body.append(told);
  void keepAndRenew(page, (news) => {
    if (news === "kept") document.documentElement.dataset.kept = page;
    const isOld = news === "kept" && kept("offline") !== null;
    if (news === "kept") keep("offline", page);
    if (page !== "mur" && !isOld) told.replaceChildren(...said(news, told));
  });
}

function said(news: News, told: HTMLElement): Node[] {
  const clear = () => told.replaceChildren();
  if (news === "new") {
    return [words("Nouvelle version"), button("Recharger", takeNewVersion), button("Plus tard", clear)];
  }
  const ready = words("✓ Prêt hors ligne");
  setTimeout(() => ready.remove(), KEPT_SHOWN_MS);
  return [ready];
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
