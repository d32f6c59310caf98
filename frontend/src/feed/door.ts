/** The door: whoever hears that nobody is signed in any more tells it here, and the page shows how to come in. */

const listeners = new Set<() => void>();

export const NOT_SIGNED_IN = "/problems/not-signed-in";

/** The service has answered that it knows nobody by what we brought. */
export function shutDoor(): void {
  for (const listener of [...listeners]) listener();
}

/** Returns its own undo. */
export function whenShut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
