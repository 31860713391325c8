import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Relative, so that the page works wherever a proxy puts it.
  base: "./",
  build: {
    target: "es2023",
    // The polyfill would be there for browsers that the target leaves out, and data URIs are not what the page may load.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // Whoever passes the page on passes on what it is made of, and has to say so.
    license: { fileName: "licences.json" },
  },
});
