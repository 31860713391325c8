import { contract, operations, wutsContract } from "@wuts/contract";
import {
  asList,
  asObject,
  type Json,
  jsonBodyIn,
  operationIn,
  parametersIn,
  propertiesIn,
  resolveIn,
} from "@wuts/contract/document";
import { allMethodName, methodName, streamMethodName } from "./method-name.ts";
import { inSdkWords, operationInSdkWords } from "./sdk-words.ts";

/** A call of the SDK, derived from its operation. */
export interface CallDescription {
  readonly tag: string;
  /** Its method, such as `list` of `wuts.devices.list()`. */
  readonly name: string;
  /** The name that the generator gives the types of its operation, such as `ListDevices`. */
  readonly typeName: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterDescription[];
  /** Parameters of which at least one is required; empty for most calls. */
  readonly requiresOneOf: readonly string[];
  /** Whether it only reads, and is a query of TanStack Query. */
  readonly reads: boolean;
  /** The method that yields the items of all pages; `undefined` without pagination. */
  readonly all: string | undefined;
  /** The method that yields each result when it arrives, and the schema of a line; `undefined` without NDJSON. */
  readonly stream: { readonly name: string; readonly line: string } | undefined;
  /** The codes of its errors, sorted, without those that every call has. */
  readonly errorCodes: readonly string[];
}

/** A parameter of a call: one of the operation, or a field of its body. */
export interface ParameterDescription {
  readonly name: string;
  /** The property of the generated type that has it. */
  readonly where: "path" | "query" | "headers" | "body";
  readonly description: string;
  readonly required: boolean;
  /** The value that the server takes without it, as JSON; `undefined` without a default. */
  readonly defaultValue: string | undefined;
}

/** A group of calls: a tag of the contract. */
export interface GroupDescription {
  readonly tag: string;
  readonly description: string;
  readonly calls: readonly CallDescription[];
}

/** @returns the groups of the SDK, in the contract's order */
export function describeGroups(): GroupDescription[] {
  const tags = asList(contract.tags).map((tag) => asObject(tag));
  return tags.map(({ name, description }) => ({
    tag: `${name}`,
    description: inSdkWords(`${description}`),
    calls: operations.filter(({ tag }) => tag === name).map(describeCall),
  }));
}

/** The codes that each call can fail with, whatever the contract says of it: those of requests that reach no operation. */
export const codesOfEveryCall: readonly string[] = wutsContract.errors
  .filter(({ withoutOperation }) => withoutOperation)
  .map(({ code }) => code);

/** @returns for each code its status, by which it belongs to a family; 0 for those of requests that reach no operation */
export function statusByCode(): [code: string, status: number][] {
  return wutsContract.errors.map(({ code, statuses: [status = 0, ...others] }) => {
    if (others.length > 0) throw new Error(`${code} has several statuses, so it is of no single family`);
    return [code, status];
  });
}

function describeCall(operation: (typeof operations)[number]): CallDescription {
  const { tag, operationId, method, ndjsonItem, responses } = operation;
  const { summary, description } = operationIn(contract, operation);
  const name = methodName(tag, operationId);
  const parameters = [...ownParameters(operation), ...bodyParameters(operation)];
  const names = parameters.map((each) => each.name);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Error(`${operationId} has two parameters that are ${twice}`);
  const isPaged = names.includes("cursor");
  const requiresOneOf = [...operation.requiresOneOf, ...fieldsOfWhichOne(operation)];
  if (isPaged && requiresOneOf.length > 0)
    throw new Error(`${operationId}: the parameters of its listing lose which of them are required`);
  return {
    tag,
    name,
    typeName: operationId.charAt(0).toUpperCase() + operationId.slice(1),
    summary: inSdkWords(`${summary}`),
    description: operationInSdkWords(`${description}`, operation).trim(),
    parameters,
    requiresOneOf,
    reads: method === "get",
    all: isPaged ? allMethodName(name) : undefined,
    stream: ndjsonItem === null ? undefined : { name: streamMethodName(name), line: ndjsonItem },
    errorCodes: [...new Set(responses.flatMap(({ errorCodes }): readonly string[] => errorCodes))].sort(),
  };
}

/** @returns the names of the schemas that calls take and give, sorted: those of what is in an envelope, and not of envelopes */
export function schemasOfCalls(): string[] {
  const found = new Set(["FieldError"]);
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(`${Reflect.get(node, "$ref")}`) ?? [];
    if (name !== undefined && found.has(name)) return;
    const { success, data } = propertiesIn(contract, node);
    const schema = name === undefined ? node : resolveIn(contract, node);
    const holdsEnvelopes = asList(Reflect.get(schema, "oneOf")).some(
      (each) => "success" in propertiesIn(contract, each),
    );
    if (name !== undefined && success === undefined && !holdsEnvelopes) found.add(name);
    for (const each of success === undefined ? Object.values(schema) : (data ?? [])) visit(each);
  };
  for (const operation of operations) {
    const { responses } = operationIn(contract, operation);
    visit([...parametersIn(contract, operation), jsonBodyIn(contract, operation).schema]);
    for (const [status, response] of Object.entries(asObject(responses)))
      if (Number(status) < 400)
        for (const media of Object.values(asObject(resolveIn(contract, response).content)))
          visit([asObject(media).schema, asObject(asObject(media).schema).contentSchema]);
  }
  return [...found].sort();
}

/** Every operation takes the id of a request: it is given in the options of a call, and not among its parameters. */
function ownParameters(operation: (typeof operations)[number]): ParameterDescription[] {
  return parametersIn(contract, operation)
    .filter(({ name }) => name !== "X-Request-Id")
    .map((parameter) => ({
      ...described(`${parameter.name}`, parameter.description, parameter.schema),
      where: parameter.in === "header" ? "headers" : parameter.in === "path" ? "path" : "query",
      required: parameter.required === true,
    }));
}

function bodyParameters(operation: (typeof operations)[number]): ParameterDescription[] {
  const { schema } = jsonBodyIn(contract, operation);
  if (schema === undefined) return [];
  const required = asList(resolveIn(contract, schema).required);
  return Object.entries(propertiesIn(contract, schema)).map(([name, [property = {}]]) => ({
    ...described(name, property.description, property),
    where: "body",
    required: required.includes(name),
  }));
}

function described(name: string, ownDescription: unknown, schema: unknown) {
  const { description, default: value } = resolveIn(contract, schema);
  return {
    name,
    description: inSdkWords(`${ownDescription ?? description}`).trim(),
    defaultValue: value === undefined ? undefined : JSON.stringify(value),
  };
}

/** The fields of a body of which one is required: an `anyOf` that only has `required`, or a body that must not be empty. */
function fieldsOfWhichOne(operation: (typeof operations)[number]): string[] {
  const { schema } = jsonBodyIn(contract, operation);
  if (schema === undefined) return [];
  const body: Json = resolveIn(contract, schema);
  const alternatives = asList(body.anyOf).map((each) => asList(asObject(each).required).map(String));
  if (alternatives.some((names) => names.length !== 1))
    throw new Error(`${operation.operationId}: expected one field in each alternative of its body`);
  const required = asList(body.required);
  const isAnyField = body.minProperties === 1 && required.length === 0;
  return isAnyField ? Object.keys(propertiesIn(contract, schema)) : alternatives.flat();
}
