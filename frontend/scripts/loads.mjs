/** Which built files a page loads: at once, and ever. Read out of the built files themselves. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const BUILT = join(dirname(fileURLToPath(import.meta.url)), "../../capacity/static");

/** `import {a} from "./x.js"` and `import "./x.js"`. */
const AT_ONCE = /(?:from|import)\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]/g;
/** `import("./x.js")`, and the list of what goes with what is fetched later: scripts and styles. */
const LATER = /import\(\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]\s*\)/g;
const WITH_IT = /["'`](assets\/[^"'`]+\.(?:js|css))["'`]/g;
const NAMED = /(?:src|href)="\/(assets\/[^"]+|early\.js)"/g;

export const pages = () => readdirSync(BUILT).filter((name) => name.endsWith(".html"));

/** The files that a page's own text names and all that these import: what its first screen waits for. */
export function loadedAtOnce(page) {
  return follow(namedIn(page), (path, code) => importsOf(path, code, AT_ONCE));
}

/** These, and all that may be fetched later. */
export function everLoaded(page) {
  return follow(namedIn(page), (path, code) => [
    ...importsOf(path, code, AT_ONCE),
    ...importsOf(path, code, LATER),
    ...[...code.matchAll(WITH_IT)].map(([, name]) => name),
  ]);
}

const namedIn = (page) =>
  [...readFileSync(join(BUILT, page), "utf8").matchAll(NAMED)].map(([, path]) => path);

const importsOf = (path, code, pattern) =>
  [...code.matchAll(pattern)].map(([, next]) => posix.join(posix.dirname(path), next));

function follow(start, nextOf) {
  const found = new Set();
  const wanted = [...start];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (found.has(path) || !existsSync(join(BUILT, path))) continue;
    found.add(path);
    if (path.endsWith(".js")) wanted.push(...nextOf(path, readFileSync(join(BUILT, path), "utf8")));
  }
  return [...found].sort();
}
