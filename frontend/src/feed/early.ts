/**
 * Answers that `public/early.js` asked for while this code was still on its way: on a slow line each question costs
 * half a second. Each is taken once; later ones are asked anew, and nothing is kept.
 */

export function takeEarly(path: string): Promise<Response> | null {
  const asked = (globalThis as { early?: Record<string, Promise<Response>> }).early ?? {};
  const found = asked[path] ?? null;
  delete asked[path];
  return found;
}
