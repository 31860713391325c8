import { stringify } from "yaml";
import { asObject, componentsFor, operationIn } from "../src/document.ts";
import type { Contract } from "../src/parse-contract.ts";

/**
 * @returns an operation with all that it refers to, as YAML, in the places where the contract has it
 * @throws Error with a sentence for the user, when there is no such operation
 */
export function showOperation({ document, operations }: Contract, operationId: string): string {
  const operation = operations.find((each) => each.operationId === operationId);
  if (!operation) throw new Error(`The contract has no operation ${operationId}.`);
  const { path, method } = operation;
  const { parameters } = asObject(document.paths[path]);
  const item = {
    ...(parameters !== undefined && { parameters }),
    [method]: operationIn(document, operation),
  };
  const described = { [path]: item };
  return stringify(
    { paths: described, components: componentsFor(described, document) },
    { lineWidth: 120, aliasDuplicateObjects: false },
  );
}
