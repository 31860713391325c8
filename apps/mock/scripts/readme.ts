/** Writes the lists of scenarios and outcomes into the README. */

import { readFile, writeFile } from "node:fs/promises";
import { withLists } from "../src/readme.ts";

const readme = new URL("../README.md", import.meta.url);
await writeFile(readme, withLists(await readFile(readme, "utf8")));
