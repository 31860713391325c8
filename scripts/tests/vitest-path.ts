import { fileURLToPath } from "node:url";

/** The file that Node runs as vitest's command line; the package does not export it. */
export const vitestPath = fileURLToPath(new URL("vitest.mjs", import.meta.resolve("vitest/package.json")));
