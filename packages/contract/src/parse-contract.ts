import { parse } from "yaml";
import { isObject } from "./document.ts";
import type { ErrorDescription, OperationDescription } from "./operation-types.ts";
import { readErrors, readOperations, readSecretFields } from "./read-contract.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/** A contract at run time: its text and its content. */
export interface Contract {
  readonly yaml: string;
  /** Parsed, with its references. The whole process shares it: clone it for a tool that modifies it. */
  readonly document: OpenApiDocument;
  /** In the contract's order. */
  readonly operations: readonly OperationDescription[];
  /** Every `error_code`, sorted. */
  readonly errors: readonly ErrorDescription[];
  /** The names of fields and parameters that must not be logged, sorted. */
  readonly secretFields: readonly string[];
}

/**
 * Parses a contract.
 * @throws Error when the text is not YAML, or an operation lacks a required property; `redocly lint` reports more
 */
export function parseContract(yaml: string): Contract {
  const document: unknown = parse(yaml);
  if (!isObject(document) || !isObject(document.paths)) throw new Error("this is not an OpenAPI document");
  // The type describes the top level as the lint rules require it; the readers below check what they read.
  return contractOf(document as OpenApiDocument, yaml);
}

/** @param document the parsed `yaml` */
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
