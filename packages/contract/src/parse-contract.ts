import { parse } from "yaml";
import { isObject } from "./document.ts";
import type { ErrorDescription, OperationDescription } from "./operation-types.ts";
import { readErrors, readOperations, readSecretFields } from "./read-contract.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/** A contract at run time: as it was written, and what it says. */
export interface Contract {
  readonly yaml: string;
  /** Parsed, references kept. Shared by everyone in the process: clone it before a tool that writes into it. */
  readonly document: OpenApiDocument;
  /** In the contract's order. */
  readonly operations: readonly OperationDescription[];
  /** Every `error_code`, sorted. */
  readonly errors: readonly ErrorDescription[];
  /** The names of fields and parameters that must not be logged, sorted. */
  readonly secretFields: readonly string[];
}

/**
 * Reads a contract from its text.
 * @throws Error when it is not YAML, or lacks what every operation must say; `redocly lint` says more
 */
export function parseContract(yaml: string): Contract {
  const document: unknown = parse(yaml);
  if (!isObject(document) || !isObject(document.paths)) throw new Error("this is not an OpenAPI document");
  // Its type says what the rules for contracts demand of the first level; nothing here relies on more than is read.
  return contractOf(document as OpenApiDocument, yaml);
}

/** @param document what `yaml` says, parsed */
export function contractOf(document: OpenApiDocument, yaml: string): Contract {
  const read = { ...document };
  return {
    yaml,
    document,
    operations: readOperations(read),
    errors: readErrors(read),
    secretFields: readSecretFields(read),
  };
}
