import type { OperationDescription } from "./operation-types.ts";
import type { OpenApiDocument } from "./types.gen.ts";

/** A JSON object of a contract whose content is looked at step by step. */
export type Json = Readonly<Record<string, unknown>>;

/** Newline-delimited JSON: callers that ask for it get an answer bit by bit. */
export const linesType = "application/x-ndjson";

type Place = Pick<OperationDescription, "path" | "method">;

/** An operation as it is written. */
export function operationIn({ paths }: OpenApiDocument, { path, method }: Place): Json {
  return asObject(asObject(paths[path])[method]);
}

/** The parameters of an operation: those of its path, then its own; references are followed. */
export function parametersIn(document: OpenApiDocument, operation: Place): Json[] {
  const ofPath = asObject(document.paths[operation.path]).parameters;
  const all = [...asList(ofPath), ...asList(operationIn(document, operation).parameters)];
  return all.map((parameter) => resolveIn(document, parameter));
}

/**
 * What a reference refers to, or the value itself when it is none.
 * @throws Error when the reference leads nowhere
 */
export function resolveIn(document: object, value: unknown): Json {
  const { $ref } = asObject(value);
  if (typeof $ref !== "string") return asObject(value);
  const keys = $ref.replace(/^#\//, "").split("/");
  const target = keys.reduce<unknown>((parent, key) => asObject(parent)[unescaped(key)], document);
  if (!isObject(target)) throw new Error(`${$ref} leads nowhere`);
  return resolveIn(document, target);
}

/** The components that something refers to, directly or by other components, by their kinds and names. */
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

/** The value, or an empty object when it is none. */
export function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** The value, or an empty list when it is none. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether it is a JSON object: no list, no `null`. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Takes out of all schemas the alternatives that only require fields, as "one of these two is needed": no type can say it,
 * and the generators would make of it objects that take anything. Writes into the document.
 */
export function stripRequiredOnlyAnyOf(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const alternatives = "anyOf" in node ? asList(node.anyOf) : [];
  const isCondition = (schema: unknown) =>
    isObject(schema) && "required" in schema && !("properties" in schema);
  if (alternatives.length > 0 && alternatives.every(isCondition)) Reflect.deleteProperty(node, "anyOf");
  Object.values(node).forEach(stripRequiredOnlyAnyOf);
}

/** As JSON Pointer (RFC 6901) escapes keys. */
function unescaped(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
