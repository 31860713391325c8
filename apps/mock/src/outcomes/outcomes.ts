import { type Contract, type OperationDescription, wutsContract } from "@wuts/contract";
import { asObject, isObject, operationIn, resolveIn } from "@wuts/contract/document";
import { type Field, fieldsOf, type Values } from "./fields.ts";

/** An answer that can be chosen with `Prefer`. */
export interface Outcome {
  readonly operationId: string;
  /** As `GET /devices/{device_id}`. */
  readonly request: string;
  readonly status: number;
  /** Whether it is answered line by line, to who asks for that. */
  readonly lines: boolean;
  readonly example: string;
  /** What the example shows, for people. */
  readonly summary: string;
  /** `undefined` for successes. */
  readonly errorCode: string | undefined;
  /** Requests with all values of one of these are answered so without being asked; empty for most outcomes. */
  readonly scenarios: readonly Values[];
}

/** Every outcome of every operation, in the contract's order. Throws when the contract has a scenario that is none. */
export function listOutcomes(contract: Contract = wutsContract): Outcome[] {
  return contract.operations.flatMap((operation) =>
    outcomesOf(contract, operation, fieldsOf(contract, operation)),
  );
}

/** Every outcome of one operation, lowest status first. */
export function outcomesOf(
  { document }: Contract,
  operation: OperationDescription,
  fields: readonly Field[],
): Outcome[] {
  const { operationId, method, path } = operation;
  const responses = asObject(operationIn(document, operation).responses);
  return operation.responses.flatMap(({ status, contentType, lines, examples }) => {
    const { content } = resolveIn(document, responses[`${status}`]);
    const media = contentType === null ? {} : asObject(asObject(content)[contentType]);
    return examples.map((name) => {
      const example = resolveIn(document, asObject(media.examples)[name]);
      return {
        operationId,
        request: `${method.toUpperCase()} ${path}`,
        status,
        lines,
        example: name,
        summary: typeof example.summary === "string" ? example.summary : "",
        errorCode: errorCodeOf(example.value),
        scenarios: scenariosOf(name, example["x-request"], fields),
      };
    });
  });
}

/** A response that operations share may have scenarios that only some of them can be asked for. */
function scenariosOf(example: string, scenarios: unknown = [], fields: readonly Field[]): Values[] {
  if (!Array.isArray(scenarios) || !scenarios.every(isObject)) {
    throw new Error(`x-request of the example ${example} must be a list of objects.`);
  }
  const isAsked = ([name, value]: [string, unknown]) =>
    fields.some((field) => field.name === name && field.allows(value));
  return scenarios.filter((values) => Object.entries(values).every(isAsked));
}

function errorCodeOf(body: unknown): string | undefined {
  const { error_code: code } = asObject(body);
  return typeof code === "string" ? code : undefined;
}
