import { type Contract, type OperationDescription, wutsContract } from "@wuts/contract";
import { asObject, isObject, operationIn, resolveIn } from "@wuts/contract/document";
import { type Field, fieldsOf, type Values } from "./fields.ts";

/** A documented response, which `Prefer` can select. */
export interface Outcome {
  readonly operationId: string;
  /** As `GET /devices/{device_id}`. */
  readonly request: string;
  readonly status: number;
  /** Whether the response is NDJSON, for clients that accept it. */
  readonly lines: boolean;
  readonly example: string;
  /** The example's summary in the contract. */
  readonly summary: string;
  /** `undefined` for successes. */
  readonly errorCode: string | undefined;
  /** A request with all values of one of these gets this outcome without `Prefer`; empty for most outcomes. */
  readonly scenarios: readonly Values[];
}

/** @returns the outcomes of all operations, in the contract's order. @throws Error when a scenario is malformed */
export function listOutcomes(contract: Contract = wutsContract): Outcome[] {
  return contract.operations.flatMap((operation) =>
    outcomesOf(contract, operation, fieldsOf(contract, operation)),
  );
}

/** @returns the outcomes of an operation, lowest status first */
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

/** A response that several operations share can have scenarios with fields that only some of them have. */
function scenariosOf(example: string, scenarios: unknown = [], fields: readonly Field[]): Values[] {
  if (!Array.isArray(scenarios) || !scenarios.every(isObject)) {
    throw new Error(`x-request of the example ${example} must be a list of objects.`);
  }
  const isPossible = ([name, value]: [string, unknown]) =>
    fields.some((field) => field.name === name && field.allows(value));
  return scenarios.filter((values) => Object.entries(values).every(isPossible));
}

function errorCodeOf(body: unknown): string | undefined {
  const { error_code: code } = asObject(body);
  return typeof code === "string" ? code : undefined;
}
