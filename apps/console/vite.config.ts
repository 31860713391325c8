import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Relative, so that the page works under any path of a proxy.
  base: "./",
  build: {
    target: "es2023",
    // The target excludes the browsers that need the polyfill, and the page's CSP forbids data URIs for its assets.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The licences of the bundled packages ask for their texts to be passed on with the page.
    license: { fileName: "licences.json" },
  },
});
