/**
 * Measures what the built client adds to a browser bundle, and prints it. With `--write`, writes it into the README between its
 * marks.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { alignedTable, withSection } from "../../../scripts/documents/readme-section.ts";

const folder = join(import.meta.dirname, "..");
const readmePath = join(folder, "README.md");

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

/** @returns the README with these sizes between its marks */
export function withSizes(readme: string, sizes: readonly Size[]): string {
  const rows = [
    ["in a browser bundle", "minified", "gzipped"],
    ...sizes.map(({ bundle, minified, gzipped }) => [bundle, kilobytes(minified), kilobytes(gzipped)]),
  ];
  return withSection(readme, "sizes", "npm run readme", alignedTable(rows));
}

/** @returns the sizes that the README quotes, in kilobytes, in its order */
export function quotedSizes(readme: string): { minified: number; gzipped: number }[] {
  return [...readme.matchAll(/\| ([\d.]+) kB +\| ([\d.]+) kB +\|/g)].map(([, minified, gzipped]) => ({
    minified: Number(minified),
    gzipped: Number(gzipped),
  }));
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (import.meta.main) {
  const sizes = await measureSizes();
  for (const { bundle, minified, gzipped } of sizes)
    console.log(
      `${bundle.replaceAll("`", "")}: ${kilobytes(minified)} minified, ${kilobytes(gzipped)} gzipped`,
    );
  if (process.argv.includes("--write"))
    await writeFile(readmePath, withSizes(await readFile(readmePath, "utf8"), sizes));
}
