/**
 * Draws our one icon as the pictures that a device wants when the pages are installed. A launcher may cut a maskable
 * one to any shape within its inner four fifths: there the ground goes to the edge, and the drawing is smaller.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "../../capacity/static/icons");
const svg = readFileSync(join(here, "../src/style/icon.svg"), "utf8");
const [, ground] = /<rect[^>]*fill="([^"]+)"/.exec(svg) ?? [];
if (ground === undefined) throw new Error("the icon has no ground to extend");
const [before, inside] = svg.split(/(?<=<svg[^>]*>)/);
const maskable = `${before}<rect width="32" height="32" fill="${ground}"/><g transform="translate(4 4) scale(0.75)">${inside.replace("</svg>", "</g></svg>")}`;

await initWasm(readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")));
const drawn = (drawing, width) =>
  new Resvg(drawing, { fitTo: { mode: "width", value: width } }).render().asPng();

mkdirSync(built, { recursive: true });
writeFileSync(join(built, "icon.svg"), svg);
for (const width of [192, 512]) writeFileSync(join(built, `${width}.png`), drawn(svg, width));
for (const width of [180, 512])
  writeFileSync(join(built, width === 180 ? "180.png" : `maskable-${width}.png`), drawn(maskable, width));
