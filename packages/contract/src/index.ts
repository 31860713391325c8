import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import document from "./contract.gen.json" with { type: "json" };
import type { Operations, operations } from "./operations.gen.ts";
import { type Contract, contractOf } from "./parse-contract.ts";
import type { OpenApiDocument } from "./types.gen.ts";

export { bareView } from "./bare-view.ts";
export { namedFieldErrors } from "./field-errors.ts";
export { onceFor } from "./once-for.ts";
export { asOpenApi30 } from "./openapi-3-0.ts";
export { operationFile } from "./operation-file.ts";
export type {
  ErrorDescription,
  OpenBytes,
  OperationDescription,
  ResponseDescription,
  StoredBytes,
} from "./operation-types.ts";
export { errorCodes, type Operations, operations } from "./operations.gen.ts";
export { type Contract, parseContract } from "./parse-contract.ts";
export { isContractOperation, servedContracts, withParameter } from "./served-contract.ts";
export { strictView } from "./strict-view.ts";
export type * from "./types.gen.ts";

/** The parsed contract with its references. The whole process shares it: clone it for a tool that modifies it. */
export const contract: OpenApiDocument = document;

/** The absolute path of openapi.yaml. */
export const contractYamlPath: string = fileURLToPath(new URL("../../../openapi.yaml", import.meta.url));

/** The contract of this version, as `parseContract` would return it. */
export const wutsContract: Contract = contractOf(contract, readFileSync(contractYamlPath, "utf8"));

/** The `operationId` of an operation. */
export type OperationId = keyof Operations;

/** The result of an operation's handler: `{ status, data }`, or `{ status, body }` without an envelope. */
export type Answer<Id extends OperationId> = Operations[Id]["answers"];

/** The `error_code` values of an operation. */
export type ErrorCodesOf<Id extends OperationId> = ResponseOf<Id>["errorCodes"][number];

/** The statuses of an operation, successes and errors. */
export type StatusOf<Id extends OperationId> = ResponseOf<Id>["status"];

type ResponseOf<Id extends OperationId> = Extract<
  (typeof operations)[number],
  { operationId: Id }
>["responses"][number];
