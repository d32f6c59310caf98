/**
 * Adds up, for each built page, the JavaScript that it may ever load, gzipped, and fails above the budget.
 * Follows the imports of the built files themselves, so that a chunk loaded late counts too.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 60 * 1024;
const built = join(dirname(fileURLToPath(import.meta.url)), "../../capacity/static");
const IMPORTED = /(?:from|import)\s*\(?\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]/g;

function scriptsOf(html) {
  const wanted = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => path);
  const found = new Set();
  while (wanted.length > 0) {
    const path = wanted.pop();
    if (found.has(path)) continue;
    found.add(path);
    const code = readFileSync(join(built, path), "utf8");
    for (const [, next] of code.matchAll(IMPORTED)) wanted.push(posix.join(posix.dirname(path), next));
  }
  return [...found];
}

const gzipped = (path) => gzipSync(readFileSync(join(built, path)), { level: 9 }).length;
const pages = readdirSync(built).filter((name) => name.endsWith(".html"));
if (pages.length === 0) throw new Error(`no built page in ${built}: npm run build`);

let tooBig = 0;
for (const page of pages) {
  const bytes = scriptsOf(readFileSync(join(built, page), "utf8")).reduce(
    (sum, path) => sum + gzipped(path),
    0,
  );
  if (bytes > BUDGET_BYTES) tooBig += 1;
  console.log(`${page.padEnd(14)} ${(bytes / 1024).toFixed(1).padStart(5)} kB of JavaScript gzipped`);
}
if (tooBig > 0) {
  console.error(`${tooBig} page(s) above ${BUDGET_BYTES / 1024} kB`);
  process.exit(1);
}
