/** Writes src/operations/handlers.gen.ts: which file handles which operation follows from its tag and its id. */

import { writeFile } from "node:fs/promises";
import { type OperationDescription, operationFile, operations } from "@wuts/contract";

const folder = new URL("../src/operations/", import.meta.url);
await writeFile(new URL("handlers.gen.ts", folder), handlersModule(operations));

function handlersModule(described: readonly OperationDescription[]): string {
  const imports = described.map(
    (operation) => `import { ${operation.operationId} } from "./${operationFile(operation)}.ts";`,
  );
  return `// Written by scripts/generate.ts from the contract. Do not edit: npm run generate

${imports.sort().join("\n")}
import type { Handlers } from "./operation.ts";

/** Every operation of the contract with its handler, \`operations/<tag>/<operation-id>.ts\`. */
export const handlers: Handlers = {
${described.map(({ operationId }) => `  ${operationId},`).join("\n")}
};
`;
}
