import { type OperationDescription, type OperationId, operations, wutsContract } from "@wuts/contract";
import { asObject, examplesIn, jsonBodyIn, parametersIn } from "@wuts/contract/document";
import type { CallOptions } from "../call.ts";

/** A request that the contract allows, for a certain device. */
export interface DeviceRequest extends CallOptions {
  readonly operationId: OperationId;
  readonly path: string;
}

/**
 * Makes a request for this device to every operation that takes a device id; all else is as in the contract's examples.
 */
export function deviceRequests(deviceId: string): DeviceRequest[] {
  return operations.flatMap((operation) => {
    const request = requestOf(operation, deviceId);
    return request ? [{ operationId: operation.operationId, ...request }] : [];
  });
}

function requestOf(operation: OperationDescription, deviceId: string) {
  const { document } = wutsContract;
  const parameters = parametersIn(document, operation);
  const body = bodyOf(operation);
  const isNamed = (place: unknown) =>
    parameters.some((each) => each.in === place && each.name === "device_id");
  if (!isNamed("path") && !isNamed("query")) return undefined;
  const exampleOf = (wanted: string) =>
    String(examplesIn(document, parameters.find(({ name }) => name === wanted) ?? {})[0]);
  const query = new URLSearchParams();
  for (const { name, required, in: place } of parameters) {
    if (place === "query" && required === true) query.set(String(name), exampleOf(String(name)));
  }
  const [oneOf] = operation.requiresOneOf;
  if (oneOf !== undefined) query.set(oneOf, exampleOf(oneOf));
  if (isNamed("query")) query.set("device_id", deviceId);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(name === "device_id" ? deviceId : exampleOf(name)),
  );
  return {
    path: `${path}?${query}`,
    method: operation.method.toUpperCase(),
    ...(body && { body }),
  };
}

/** The first example of the body that an operation takes. */
function bodyOf(operation: OperationDescription) {
  const { document } = wutsContract;
  const [example] = examplesIn(document, jsonBodyIn(document, operation));
  return example === undefined ? undefined : asObject(example);
}
