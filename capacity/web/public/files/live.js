// Keeps the list current while somebody looks at it. Without this the page is whole, and says of when it is.
"use strict";

(() => {
  const EVERY_MS = 60_000;
  const live = document.getElementById("live");
  if (live === null) return;
  const notice = document.createElement("p");
  notice.className = "cut";
  notice.setAttribute("role", "status");
  notice.hidden = true;
  live.before(notice);
  const button = document.createElement("button");
  button.type = "button";
  let isFrozen = false;
  let isAsking = false;

  /** The words of the page as it stands, and the button, which the server does not send. */
  function dress() {
    button.textContent = isFrozen ? live.dataset.refresh : live.dataset.freeze;
    live.querySelector(".of")?.append(button);
  }

  /** Somebody is on a link there: it must not go away under them. */
  const isInUse = () => live.contains(document.activeElement) && document.activeElement !== button;

  function put(page) {
    const next = page.getElementById("live");
    if (next === null) {
      location.reload(); // the territory no longer shows itself
      return;
    }
    if (isInUse()) return;
    const hadFocus = document.activeElement === button;
    Object.assign(live.dataset, { ...next.dataset });
    live.replaceChildren(...next.childNodes);
    dress();
    if (hadFocus) button.focus();
  }

  function say(isCut) {
    notice.hidden = !isCut;
    notice.textContent = isCut ? live.dataset.cut : "";
  }

  async function look() {
    if (isFrozen || isAsking || document.hidden) return;
    isAsking = true;
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(20_000) });
      if (!answer.ok) throw new Error(String(answer.status));
      put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      say(false);
    } catch {
      say(true);
    } finally {
      isAsking = false;
    }
  }

  button.addEventListener("click", () => {
    isFrozen = !isFrozen;
    dress();
    void look();
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  window.addEventListener("offline", () => say(true));
  setInterval(look, EVERY_MS);
  dress();
})();
