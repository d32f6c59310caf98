import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const pages = ["ecrans", "mur", "maraude", "halte", "regulation", "connexion", "appareil", "admin"];
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

/** How a screen asks to be let in is not for every page: the fullest one sends its people to /connexion for it. */
const isForAll = (id: string) => !/pairing|Qr\.svelte/i.test(id);

export default defineConfig({
  plugins: [svelte(), addresses],
  build: {
    outDir: "../capacity/static",
    emptyOutDir: true,
    cssCodeSplit: false,
    // The pages forbid inline scripts (Content-Security-Policy), so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(pages.map((page) => [page, `${page}.html`])),
      // One file for what most pages share: many small ones would each be compressed alone, and asked for alone.
      output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 4, test: isForAll }] } },
    },
  },
  server: {
    proxy: { "/v1": { target: server, ws: true }, "^/($|\\?|donnees|accessibilite|public/)": server },
  },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
