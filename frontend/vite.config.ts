import { readFileSync } from "node:fs";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { everLoaded } from "./scripts/loads.mjs";

const together = ["ecrans", "mur", "connexion", "appareil", "admin"];
/**
 * Built alone, each by a `--mode` of its name, after the others and beside them. What pages share lies in common files,
 * and these would load with it what only others use: 2.4 of 36 kB for the phone on its slow line.
 */
const alone = ["regulation", "halte", "maraude"];
/** Those that are of use without the service: `KEPT_PAGES` of the worker. */
const KEPT = ["mur", "maraude", "halte", "regulation"];
const server = "http://127.0.0.1:8000";

/** The addresses of the service, for `npm run dev` too: /mur is mur.html, /halte/any is halte.html. */
const addresses: Plugin = {
  name: "addresses",
  configureServer(vite) {
    vite.middlewares.use((request, _, next) => {
      const [, page = ""] =
        /^\/(ecrans|mur|maraude|halte|regulation|connexion|appareil|admin)(?=[/?]|$)/.exec(
          request.url ?? "",
        ) ?? [];
      if (page !== "") request.url = `/${page}.html`;
      next();
    });
  },
};

/** The page's own way to fetch a part of itself, where Vite would put its own. */
const parts: Plugin = {
  name: "parts",
  enforce: "pre",
  load: (id) =>
    id === "\0vite/preload-helper.js"
      ? readFileSync(new URL("./scripts/parts.mjs", import.meta.url), "utf8")
      : null,
};

/** What a device that installs the pages is told. They are one app, which opens where its person works. */
const manifest = {
  id: "/",
  name: "capacity : places d’accueil en direct",
  short_name: "capacity",
  description: "Les places d’hébergement d’urgence libres maintenant, et depuis quand on le sait.",
  lang: "fr",
  dir: "ltr" as const,
  start_url: "/maraude",
  scope: "/",
  display: "standalone" as const,
  background_color: "#0b0e12",
  theme_color: "#0b0e12",
  icons: [
    { src: "/icons/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" as const },
    { src: "/icons/192.png", sizes: "192x192", type: "image/png", purpose: "any" as const },
    { src: "/icons/512.png", sizes: "512x512", type: "image/png", purpose: "any" as const },
    { src: "/icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" as const },
  ],
  shortcuts: [
    { name: "Maraude", url: "/maraude" },
    { name: "Mur", url: "/mur" },
    { name: "Régulation", url: "/regulation" },
  ],
};

/** Each built file with the kept pages that may need it, so that a device keeps those of its own pages only. */
const byPage = (files: { url: string; revision: string | null; size: number }[]) => {
  const needs = new Map(KEPT.map((page) => [page, new Set([`${page}.html`, ...everLoaded(`${page}.html`)])]));
  const always = new Set(["hors-ligne.html", "hors-ligne.css"]);
  const usersOf = (url: string) => KEPT.filter((page) => needs.get(page)?.has(url));
  return {
    manifest: files
      .filter(({ url }) => always.has(url) || usersOf(url).length > 0)
      // The worker itself counts as a script of the first load: nothing in it twice, nothing longer than it has to be.
      .map(({ url, revision }) => (revision ? { url, revision: revision.slice(0, 8) } : { url }))
      .map((file) => (always.has(file.url) ? file : { ...file, pages: usersOf(file.url) })) as never,
  };
};

/** How a screen asks to be let in is not for every page: the fullest one sends its people to /connexion for it. */
const isForAll = (id: string) => !/pairing|Qr\.svelte/i.test(id);
const isOfTheDoor = /access\/(Door|Elsewhere)\.svelte/;

export default defineConfig(({ mode }) => ({
  plugins: [
    svelte(),
    addresses,
    parts,
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src/worker",
      filename: "sw.ts",
      injectRegister: false,
      manifest,
      includeManifestIcons: false,
      injectManifest: {
        globPatterns: mode === alone.at(-1) ? ["*.{html,css}", "assets/*"] : ["hors-ligne.*"],
        dontCacheBustURLsMatching: /^assets\//,
        manifestTransforms: mode === alone.at(-1) ? [byPage] : [],
      },
    }),
  ],
  build: {
    outDir: "../capacity/static",
    emptyOutDir: !alone.includes(mode),
    // The pages forbid inline scripts (Content-Security-Policy), so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One after the other: each finds what the other leaves, together a kilobyte of a phone's first load.
    minify: "terser",
    terserOptions: { module: true, compress: { passes: 2 } },
    rolldownOptions: {
      input: Object.fromEntries(
        (alone.includes(mode) ? [mode] : together).map((page) => [page, `${page}.html`]),
      ),
      // One file for what most pages share: many small ones would each be compressed alone, and asked for alone.
      output: {
        minify: true,
        // Short names: the worker carries them all, and it is part of a phone's first load.
        assetFileNames: "assets/[hash][extname]",
        chunkFileNames: ({ name }) =>
          name.startsWith("renew") ? "assets/[name]-[hash].js" : "assets/[hash].js",
        codeSplitting: {
          groups: alone.includes(mode)
            ? []
            : [
                { name: "shared", minShareCount: 4, test: isForAll },
                { name: "shared", test: isOfTheDoor },
              ],
        },
      },
    },
  },
  server: {
    proxy: { "/v1": { target: server, ws: true }, "^/($|\\?|donnees|accessibilite|public/)": server },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
}));
