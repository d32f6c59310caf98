/** What a page keeps on the device between two visits. Storage may be full, shut or wiped: nothing depends on it. */

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(`capacity.${key}`);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`capacity.${key}`, value);
  } catch {
    // A full or forbidden storage only costs the picture shown at the next load.
  }
}
