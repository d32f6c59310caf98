import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/** Runes everywhere; a fault of accessibility stops the build, it is not a remark. */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  onwarn(warning, handle) {
    if (warning.code.startsWith("a11y")) throw new Error(`${warning.filename}: ${warning.message}`);
    handle(warning);
  },
};
