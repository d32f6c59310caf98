/**
 * Puts our own copy of Swagger UI beside the built pages, gzipped once, for the API's page at /docs.
 * The server loads nothing from another host; the files are too large to be kept in the repository.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const made = join(here, "../node_modules/swagger-ui-dist");
const built = join(here, "../../capacity/static/docs");

mkdirSync(built, { recursive: true });
for (const name of ["swagger-ui-bundle.js", "swagger-ui.css"]) {
  writeFileSync(join(built, `${name}.gz`), gzipSync(readFileSync(join(made, name)), { level: 9 }));
}
for (const name of ["LICENSE", "NOTICE"]) copyFileSync(join(made, name), join(built, name));
