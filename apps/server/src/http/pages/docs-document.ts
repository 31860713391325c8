import type { Contract } from "@wuts/contract";

type Json = Record<string, unknown>;

/**
 * Builds the variant of the contract that the API page reads. The page puts the examples of all parameters into the request
 * that it is about to send, including optional ones: a device that does not exist, a page of a list that does not exist. Here
 * these examples are marked as not sent (`x-disabled`, Scalar's own extension) until the user ticks them.
 */
export function documentOfPage({ document, operations }: Contract): Json {
  const copy: Json = structuredClone(document);
  for (const { path, method, requiresOneOf } of operations) {
    const operation = objectAt(copy, "paths", path, method);
    const ofPath = objectAt(copy, "paths", path)?.parameters;
    const parameters = [...listOf(ofPath), ...listOf(operation?.parameters)].map((parameter) =>
      resolved(copy, parameter),
    );
    if (operation === undefined || parameters.length === 0) continue;
    const name = nameOfFirstExample([...bodiesOf(copy, operation), ...parameters]);
    const isSentUnasked = (parameter: Json) =>
      parameter.required === true || requiresOneOf.some((needed) => needed === parameter.name);
    operation.parameters = parameters.map((parameter) =>
      isSentUnasked(parameter) ? parameter : withExamplesOff(parameter, name),
    );
  }
  // They are among those of each operation now.
  for (const item of Object.values(objectAt(copy, "paths") ?? {}))
    if (isObject(item) && "parameters" in item) item.parameters = [];
  return copy;
}

/** @param name the example of the operation that the page shows first: the examples beside it must have this name */
function withExamplesOff({ example, examples, ...parameter }: Json, name: string): Json {
  const named = isObject(examples) ? examples : example === undefined ? {} : { [name]: { value: example } };
  const off = Object.entries(named).map(([key, value]) => [
    key,
    { ...(isObject(value) && value), "x-disabled": true },
  ]);
  return { ...parameter, examples: Object.fromEntries(off) };
}

/** The page offers the named examples of a request in the order in which the contract has them, its body first. */
function nameOfFirstExample(parts: readonly Json[]): string {
  const names = parts.flatMap(({ examples }) => (isObject(examples) ? Object.keys(examples) : []));
  return names[0] ?? "example";
}

function bodiesOf(document: Json, operation: Json): Json[] {
  const { content } = resolved(document, operation.requestBody);
  return isObject(content) ? Object.values(content).filter(isObject) : [];
}

/** @returns what a reference of the contract refers to, or the value itself; nothing when it is none */
function resolved(document: Json, value: unknown): Json {
  if (!isObject(value)) return {};
  if (typeof value.$ref !== "string") return value;
  const keys = value.$ref.slice("#/".length).split("/");
  return resolved(document, objectAt(document, ...keys));
}

function objectAt(value: Json, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>((inside, key) => {
    const found = inside?.[key];
    return isObject(found) ? found : undefined;
  }, value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
