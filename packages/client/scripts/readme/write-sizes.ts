/** Writes into the client's README how large the built client is. In a folder of its own: the image is built without it. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alignedTable, withSection } from "../../../../scripts/documents/readme-section.ts";
import { kilobytes, measureSizes, type Size } from "../sizes.ts";

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

if (import.meta.main) {
  const readmePath = join(import.meta.dirname, "../../README.md");
  await writeFile(readmePath, withSizes(await readFile(readmePath, "utf8"), await measureSizes()));
}
