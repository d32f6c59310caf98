/**
 * Adds up the JavaScript of each built page, gzipped, and fails above a budget: what its first screen waits for, and
 * all that it may ever load. The phone's first screen counts the service worker too, which is fetched right after it.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BUILT, everLoaded, loadedAtOnce, pages } from "./loads.mjs";

const KB = 1024;
const EVER_MOST = 60 * KB;
const FIRST_MOST = { "maraude.html": 35 * KB };
/** What a page fetches by itself once its first screen stands. */
const RIGHT_AFTER = /\/(renewing|workbox-window)/;

const gzipped = (path) =>
  existsSync(join(BUILT, path)) ? gzipSync(readFileSync(join(BUILT, path)), { level: 9 }).length : 0;
const sum = (paths) =>
  paths.filter((path) => path.endsWith(".js")).reduce((total, path) => total + gzipped(path), 0);
const told = (bytes) => (bytes / KB).toFixed(1).padStart(6);

if (pages().length === 0) throw new Error(`no built page in ${BUILT}: npm run build`);
const worker = gzipped("sw.js");
const tooBig = [];
console.log(`kB of JavaScript, gzipped (first: with the worker, ${told(worker).trim()})   first   ever`);
for (const page of pages()) {
  const ever = everLoaded(page);
  const first =
    sum([...new Set([...loadedAtOnce(page), ...ever.filter((path) => RIGHT_AFTER.test(path))])]) + worker;
  const all = sum(ever);
  if (first > (FIRST_MOST[page] ?? Number.POSITIVE_INFINITY))
    tooBig.push(`${page}: first load above ${FIRST_MOST[page] / KB} kB`);
  if (all > EVER_MOST) tooBig.push(`${page}: above ${EVER_MOST / KB} kB in all`);
  console.log(`${page.padEnd(53)} ${told(first)} ${told(all)}`);
}
if (tooBig.length > 0) {
  console.error(tooBig.join("\n"));
  process.exit(1);
}
