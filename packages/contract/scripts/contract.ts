/**
 * `npm run contract -- show <operationId>` prints an operation of openapi.yaml with all that it refers to;
 * `npm run contract -- new <operationId> <method> <path> <tag>` writes a new one into it, and a handler to begin with;
 * `npm run contract -- sort` puts its components under the banners of their tags, and `sort --check` exits with 1 when one is not.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { operationFile } from "../src/operation-file.ts";
import { parseContract } from "../src/parse-contract.ts";
import { handlerOf } from "./new-handler.ts";
import { withOperation } from "./new-operation.ts";
import { showOperation } from "./show-operation.ts";
import { sortComponents } from "./sort-components.ts";

const usage = `npm run contract -- show <operationId>
npm run contract -- new <operationId> <method> <path> <tag>
npm run contract -- sort [--check]`;

const unsorted =
  "A component of openapi.yaml is not under the banner of its tag. Mend it: npm run contract -- sort";

const root = join(import.meta.dirname, "../../..");
const file = join(root, "openapi.yaml");
const [command, operationId, method, path, tag, ...more] = process.argv.slice(2);
try {
  const yaml = await readFile(file, "utf8");
  if (command === "show" && operationId !== undefined && method === undefined) {
    console.log(showOperation(parseContract(yaml), operationId));
  } else if (command === "new" && operationId && method && path && tag && more.length === 0) {
    const described = withOperation(yaml, { operationId, method: method.toLowerCase(), path, tag });
    const handler = `apps/server/src/operations/${operationFile({ tag, operationId })}.ts`;
    await writeFile(join(root, handler), handlerOf(operationId), { flag: "wx" });
    await writeFile(file, described);
    console.log(`openapi.yaml has ${method.toUpperCase()} ${path}. Say there what it does, and run npm run generate.
${handler} is its handler. Write it, and its test beside it.`);
  } else if (command === "sort" && (operationId ?? "--check") === "--check" && method === undefined) {
    const sorted = sortComponents(yaml);
    if (operationId === undefined) await writeFile(file, sorted);
    else if (sorted !== yaml) throw new Error(unsorted);
  } else {
    console.error(usage);
    process.exitCode = 2;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
