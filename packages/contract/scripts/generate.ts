/** Writes src/types.gen.ts, src/operations.gen.ts and src/contract.gen.json from openapi.yaml. */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "@hey-api/openapi-ts";
import { parse } from "yaml";
import { stripRequiredOnlyAnyOf } from "../src/document.ts";
import { type OperationEntry, readErrors, readOperations } from "../src/read-contract.ts";

const contractPath = fileURLToPath(new URL("../../../openapi.yaml", import.meta.url));
const source = fileURLToPath(new URL("../src/", import.meta.url));

const document = parse(await readFile(contractPath, "utf8"));
await writeFile(`${source}contract.gen.json`, `${JSON.stringify(document, null, 2)}\n`);
await writeFile(
  `${source}operations.gen.ts`,
  operationsModule(
    readOperations(document),
    readErrors(document).map(({ code }) => code),
  ),
);
await createClient({
  input: contractPath,
  // `clean` would empty src/, where the hand-written files are.
  output: { path: source, clean: false, entryFile: false, fileName: { suffix: ".gen" } },
  parser: { patch: { input: stripRequiredOnlyAnyOf } },
  plugins: ["@hey-api/typescript"],
  logs: { level: "warn" },
});

function operationsModule(operations: readonly OperationEntry[], errorCodes: readonly string[]): string {
  const listed = operations.map(({ defaulted: _, ...operation }) => operation);
  const shapes = operations.map(({ operationId, defaulted, requiresOneOf, ndjsonItem }) => {
    const name = operationId.charAt(0).toUpperCase() + operationId.slice(1);
    const names = defaulted.map((parameter) => JSON.stringify(parameter)).join(" | ") || "never";
    const oneOf = JSON.stringify(requiresOneOf);
    const lines = ndjsonItem === null ? "never" : `types.${ndjsonItem}`;
    return `  ${operationId}: OperationTypes<types.${name}Data, types.${name}Responses, ${names}, ${oneOf}, ${lines}>;`;
  });
  return `// Written by scripts/generate.ts from openapi.yaml. Do not edit: npm run generate -w @wuts/contract

import type { OperationDescription, OperationTypes } from "./operation-types.ts";
import type * as types from "./types.gen.ts";

/** Every operation of the contract, in the contract's order. */
export const operations = ${JSON.stringify(listed, null, 2)} as const satisfies readonly OperationDescription[];

/** Every \`error_code\` that the contract's schemas allow. */
export const errorCodes = ${JSON.stringify(errorCodes)} as const;

/** What the handler of each operation gets and gives. */
export interface Operations {
${shapes.join("\n")}
}
`;
}
