import { contract, type OperationDescription, type OperationId, operations } from "@wuts/contract";
import {
  asObject,
  examplesIn,
  type Json,
  jsonBodyIn,
  parametersIn,
  resolveIn,
} from "@wuts/contract/document";
import type { RawRequest } from "./case.ts";

/** No server gave this id to anything. */
export const unknownId = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";

type Request = Required<Pick<RawRequest, "path" | "query">> & Pick<RawRequest, "body">;

/**
 * @returns a request that the contract allows, as its examples have it: what the operation cannot do without, and the example
 * of a body. It names the device of `deviceId`; without one, a device that does not exist, and only where one must be named.
 */
export function validRequest(operationId: OperationId, deviceId?: string): Request {
  const operation = (operations as readonly OperationDescription[]).find(
    (each) => each.operationId === operationId,
  );
  if (!operation) throw new Error(`the contract has no operation ${operationId}`);
  return requestLike(operation, deviceId === undefined ? {} : { device_id: deviceId });
}

/**
 * A request that the contract allows, with those of these values that the operation takes; what it cannot do without besides is
 * as its own examples have it.
 * @param values by the names of parameters and of fields of the body
 * @param known ids that are there, by the names of parameters, in place of those of the examples
 */
export function requestLike(
  operation: OperationDescription,
  values: Json,
  known: Readonly<Record<string, string>> = {},
): Request {
  const isGiven = (name: string) => name in values;
  // The last one is what people write: a number, not a JID.
  const oneOf = operation.requiresOneOf.some(isGiven) ? [] : operation.requiresOneOf.slice(-1);
  const given = (place: string) =>
    Object.fromEntries(
      parametersIn(contract, operation).flatMap((parameter) => {
        const name = `${parameter.name}`;
        const isNeeded = isGiven(name) || parameter.required === true || oneOf.includes(name);
        if (parameter.in !== place || !isNeeded) return [];
        return [[name, `${values[name] ?? known[name] ?? exampleOf(parameter)}`]];
      }),
    );
  const body = operation.hasBody && bodyOf(operation, values);
  return { path: given("path"), query: given("query"), ...(body && { body }) };
}

function bodyOf(operation: OperationDescription, values: Json): Json {
  const media = jsonBodyIn(contract, operation);
  const { properties } = resolveIn(contract, media.schema);
  const given = Object.entries(values).filter(([name]) => name in asObject(properties));
  return { ...asObject(exampleOf(media)), ...Object.fromEntries(given) };
}

function exampleOf(described: Json): unknown {
  return examplesIn(contract, described)[0];
}
