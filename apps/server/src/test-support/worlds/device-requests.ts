import { type OperationDescription, type OperationId, operations, wutsContract } from "@wuts/contract";
import { asObject, operationIn, parametersIn, resolveIn } from "@wuts/contract/document";
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
  const exampleOf = (wanted: string) => {
    const { example, examples } = parameters.find(({ name }) => name === wanted) ?? {};
    const [first] = Object.values(asObject(examples));
    return String(example ?? resolveIn(document, first).value);
  };
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
  const described = operationIn(document, operation).requestBody;
  if (described === undefined) return undefined;
  const json = asObject(asObject(resolveIn(document, described).content)["application/json"]);
  const [example] = Object.values(asObject(json.examples));
  return asObject(resolveIn(document, example).value);
}
