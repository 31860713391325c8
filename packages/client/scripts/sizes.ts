/** Measures what the built client adds to a browser bundle, and prints it. */

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const folder = join(import.meta.dirname, "..");

/** What is bundled, and how large the bundle is, in bytes. */
export interface Size {
  readonly bundle: string;
  readonly minified: number;
  readonly gzipped: number;
}

const programs = {
  "everything that `@wuts/client` exports": 'export * from "./dist/index.js";',
  "a program with one call": `import { createWuts } from "./dist/index.js";
    console.log(await createWuts({ baseUrl: location.origin, token: prompt() }).devices.list());`,
  "everything, with `@wuts/client/react-query`":
    'export * from "./dist/index.js"; export * from "./dist/react-query.js";',
};

/** @returns the sizes of several bundles, dependencies included, with esbuild's minifier and gzip at its best */
export async function measureSizes(): Promise<Size[]> {
  return Promise.all(
    Object.entries(programs).map(async ([bundle, contents]) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: folder },
        ...{ bundle: true, minify: true, write: false, format: "esm", platform: "browser", target: "es2022" },
      });
      const [{ contents: bytes } = { contents: new Uint8Array() }] = outputFiles;
      return { bundle, minified: bytes.byteLength, gzipped: gzipSync(bytes, { level: 9 }).byteLength };
    }),
  );
}

/** @returns a size as the README and the build say it */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (import.meta.main)
  for (const { bundle, minified, gzipped } of await measureSizes())
    console.log(
      `${bundle.replaceAll("`", "")}: ${kilobytes(minified)} minified, ${kilobytes(gzipped)} gzipped`,
    );
