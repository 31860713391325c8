/** Writes the list of outcomes into the README. */

import { readFile, writeFile } from "node:fs/promises";
import { withOutcomes } from "../src/readme.ts";

const readme = new URL("../README.md", import.meta.url);
await writeFile(readme, await withOutcomes(await readFile(readme, "utf8")));
