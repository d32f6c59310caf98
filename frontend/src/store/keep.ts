/** What a page keeps on the device between two visits. Storage may be full, shut or wiped: nothing depends on it. */

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`capacity.${key}`);
  } catch {
    return null;
  }
}

/** A page that was open when somebody left this device keeps nothing more on it: it shows what was theirs. */
const LEFT = "capacity.left";
const OPENED_MS = Date.now();

export function keep(key: string, value: string): void {
  try {
    if (Number(localStorage.getItem(LEFT)) > OPENED_MS) return;
    localStorage.setItem(`capacity.${key}`, value);
  } catch {
    // A full or forbidden storage only costs the picture shown at the next load.
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(`capacity.${key}`);
  } catch {
    // What cannot be opened cannot be emptied either, and nothing of ours is in it.
  }
}

/**
 * Every picture, list and name that this device kept; what waits to be sent lies elsewhere and stays. Other pages that
 * are open here go on, and keep nothing more.
 */
export function forgetAll(): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith("capacity.")) localStorage.removeItem(key);
    localStorage.setItem(LEFT, String(Date.now()));
  } catch {
    // As above.
  }
}
