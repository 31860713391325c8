import type { OperationDescription } from "./operation-types.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/** A JSON object of a contract whose properties are not validated yet. */
export type Json = Readonly<Record<string, unknown>>;

/** The media type of newline-delimited JSON (NDJSON). */
export const linesType = "application/x-ndjson";

type OperationKey = Pick<OperationDescription, "path" | "method">;

/** @returns the operation object of the document */
export function operationIn({ paths }: OpenApiDocument, { path, method }: OperationKey): Json {
  return asObject(asObject(paths[path])[method]);
}

/** @returns what the document says of an operation's JSON body: `schema` and `examples`; an empty object without a body */
export function jsonBodyIn(document: OpenApiDocument, operation: OperationKey): Json {
  const { content } = resolveIn(document, operationIn(document, operation).requestBody);
  return asObject(asObject(content)["application/json"]);
}

/** @returns the parameters of an operation with references resolved: those of its path, then its own */
export function parametersIn(document: OpenApiDocument, operation: OperationKey): Json[] {
  const ofPath = asObject(document.paths[operation.path]).parameters;
  const all = [...asList(ofPath), ...asList(operationIn(document, operation).parameters)];
  return all.map((parameter) => resolveIn(document, parameter));
}

/** @returns the examples of a parameter, a header or a body, in the contract's order; those that tools do not send, too */
export function examplesIn(document: OpenApiDocument, described: Json): unknown[] {
  const { example, examples, "x-unsent-example": unsent } = described;
  const named = Object.values(asObject(examples)).map((each) => resolveIn(document, each).value);
  return [example, unsent, ...named].filter((value) => value !== undefined);
}

/**
 * Resolves a reference, also a chain of references.
 * @returns the target, or the value itself when it is not a reference
 * @throws Error when the target does not exist
 */
export function resolveIn(document: object, value: unknown): Json {
  const { $ref } = asObject(value);
  if (typeof $ref !== "string") return asObject(value);
  const keys = $ref.replace(/^#\//, "").split("/");
  const target = keys.reduce<unknown>((parent, key) => asObject(parent)[unescaped(key)], document);
  if (!isObject(target)) throw new Error(`${$ref} leads nowhere`);
  return resolveIn(document, target);
}

/** @returns the properties of an object's schema, those of the parts of its `allOf` included; what several parts say is listed once each */
export function propertiesIn(document: object, schema: unknown): Record<string, Json[]> {
  const { properties, allOf } = resolveIn(document, schema);
  const own = Object.entries(asObject(properties)).map(([name, each]) => [name, asObject(each)] as const);
  const ofParts = asList(allOf).flatMap((part) =>
    Object.entries(propertiesIn(document, part)).flatMap(([name, all]) =>
      all.map((each) => [name, each] as const),
    ),
  );
  const found: Record<string, Json[]> = {};
  for (const [name, each] of [...ofParts, ...own]) found[name] = [...(found[name] ?? []), each];
  return found;
}

/** @returns the components that a value references, directly or by other components, by kind and name */
export function componentsFor(
  value: unknown,
  document: OpenApiDocument,
): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  const visit = (each: unknown) => {
    if (typeof each !== "object" || each === null) return;
    const [, kind = "", name = ""] =
      /^#\/components\/(\w+)\/(\w+)$/.exec(String(Reflect.get(each, "$ref"))) ?? [];
    if (name !== "" && found[kind]?.[name] === undefined) {
      const component = resolveIn(document, each);
      found[kind] = { ...found[kind], [name]: component };
      visit(component);
    }
    Object.values(each).forEach(visit);
  };
  visit(value);
  return found;
}

/** @returns the value, or an empty object when it is not an object */
export function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** @returns the value, or an empty list when it is not a list */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a value is a JSON object, not a list or `null`. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Removes each `anyOf` whose alternatives only have `required`, such as "one of these two fields is required". TypeScript cannot
 * express it, and the generator would emit objects that accept anything. Modifies the document.
 */
export function stripRequiredOnlyAnyOf(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const alternatives = "anyOf" in node ? asList(node.anyOf) : [];
  const isCondition = (schema: unknown) =>
    isObject(schema) && "required" in schema && !("properties" in schema);
  if (alternatives.length > 0 && alternatives.every(isCondition)) Reflect.deleteProperty(node, "anyOf");
  Object.values(node).forEach(stripRequiredOnlyAnyOf);
}

/** Unescapes a key of a JSON Pointer (RFC 6901). */
function unescaped(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
