/**
 * The keyboard of the operators' screen: a button says its key (`data-key`), a list its rows (`data-row`) and its
 * area (`data-area`). Only keys without Ctrl, Alt or Meta are ours; those belong to the browser.
 */

interface Press {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/**
 * "1" to "9" whatever the keyboard (the top row of a French one gives other signs without Shift), "+" and "-", a
 * small letter, or the key's own name; null for what is not ours.
 */
export function keyOf({ key, code, ctrlKey, altKey, metaKey }: Press): string | null {
  if (ctrlKey || altKey || metaKey) return null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
  if (digit !== undefined) return digit;
  if (key === "+" || code === "Equal" || code === "NumpadAdd") return "+";
  if (key === "-" || code === "Minus" || code === "NumpadSubtract") return "-";
  return key.length === 1 ? key.toLowerCase() : key;
}

/** A field that takes the letters and digits itself. */
export function takesText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), select, textarea");
}

/** Presses the button of a key: of the row with the focus, else of its area. True when there was one. */
export function press(key: string, target: Element): boolean {
  const button = [target.closest("[data-row]"), target.closest("[data-area]")]
    .map((scope) =>
      scope?.querySelector<HTMLButtonElement>(`button[data-key="${CSS.escape(key)}"]:not(:disabled)`),
    )
    .find((found) => found !== null && found !== undefined);
  button?.click();
  return button !== undefined;
}

/** Moves the focus among the rows of an area; "Home" and "End" go to its ends. True when the key was one of these. */
export function move(key: string, target: Element): boolean {
  const rows = [...(target.closest("[data-area]")?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const here = rows.findIndex((row) => row.contains(target));
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 }[key];
  if (next === undefined) return false;
  const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
  focusRow(row ?? null);
  return true;
}

/** The focus goes to the row's first button, which the row itself scrolls into sight with. */
export function focusRow(row: Element | null): void {
  const button = row?.querySelector<HTMLElement>("[data-main]");
  button?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

/** The first row of an area, or the area itself when it is empty. */
export function focusArea(name: string): void {
  const area = document.querySelector<HTMLElement>(`[data-area="${name}"]`);
  const row = area?.querySelector("[data-row]") ?? null;
  if (row !== null) focusRow(row);
  else area?.focus();
  area?.scrollIntoView({ block: "nearest" });
}

/**
 * An attachment for an area of which parts go away with the focus in them (an answered question, a hold that has
 * ended): the focus then goes to the row it was in, else to the area, so that the next key is not lost.
 */
export function keepFocus(area: HTMLElement): () => void {
  let row: Element | null = null;
  let isOurs = false;

  function follow({ target, type }: Event): void {
    isOurs = target instanceof Element && area.contains(target) && (type === "focusin" || isOurs);
    if (isOurs && type === "focusin") row = (target as Element).closest("[data-row]");
  }

  const watch = new MutationObserver(() => {
    if (!isOurs || document.activeElement !== document.body) return;
    const main = row?.isConnected ? row.querySelector<HTMLElement>("[data-main]") : null;
    (main ?? area).focus({ preventScroll: true });
  });
  watch.observe(area, { childList: true, subtree: true });
  document.addEventListener("focusin", follow);
  document.addEventListener("pointerdown", follow);
  return () => {
    watch.disconnect();
    document.removeEventListener("focusin", follow);
    document.removeEventListener("pointerdown", follow);
  };
}
