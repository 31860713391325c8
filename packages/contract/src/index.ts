import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import document from "./contract.gen.json" with { type: "json" };
import type { errorCodes, Operations, operations } from "./operations.gen.ts";
import { type Contract, contractOf } from "./parse-contract.ts";
import type { OpenApiDocument } from "./types.gen.ts";

export { namedFieldErrors } from "./field-errors.ts";
export type {
  ErrorDescription,
  OpenBytes,
  OperationDescription,
  ResponseDescription,
  StoredBytes,
} from "./operation-types.ts";
export { errorCodes, type Operations, operations } from "./operations.gen.ts";
export { type Contract, parseContract } from "./parse-contract.ts";
export type * from "./types.gen.ts";

/** The parsed contract, references kept. Shared by everyone in the process: clone it before a tool that writes into it. */
export const contract: OpenApiDocument = document;

/** Where the contract as it was written is, an absolute path. */
export const contractYamlPath: string = fileURLToPath(new URL("../../../openapi.yaml", import.meta.url));

/** The contract of this version, as a value like any other that `parseContract` makes. */
export const wutsContract: Contract = contractOf(contract, readFileSync(contractYamlPath, "utf8"));

/** The `operationId` of any operation. */
export type OperationId = keyof Operations;

/** Any `error_code` that the contract's schemas allow. */
export type ErrorCode = (typeof errorCodes)[number];

/** What a handler of the operation may answer: `{ status, data }`, or `{ status, body }` where there is no envelope. */
export type Answer<Id extends OperationId> = Operations[Id]["answers"];

/** The `error_code` values that the operation may answer. */
export type ErrorCodesOf<Id extends OperationId> = ResponseOf<Id>["errorCodes"][number];

/** The statuses that the operation may answer, successes and errors. */
export type StatusOf<Id extends OperationId> = ResponseOf<Id>["status"];

type ResponseOf<Id extends OperationId> = Extract<
  (typeof operations)[number],
  { operationId: Id }
>["responses"][number];
