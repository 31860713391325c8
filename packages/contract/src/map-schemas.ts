import { asObject, isObject, type Json } from "./document.ts";

/** Keywords with data in them, which are not schemas, whatever their fields are called. */
const withData: ReadonlySet<string> = new Set([
  "example",
  "examples",
  "const",
  "enum",
  "default",
  "x-request",
  "x-unsent-example",
]);

/**
 * Rewrites a part of a contract from the outside in.
 * @param change gets each object that is not data, and gives what stands in its place; what is inside of that is rewritten next
 */
export function mapSchemas(node: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(node)) return node.map((each) => mapSchemas(each, change));
  if (!isObject(node)) return node;
  const inner = Object.entries(change(node)).map(([key, value]) => {
    if (withData.has(key)) return [key, value];
    return [key, key === "properties" ? mapEach(value, change) : mapSchemas(value, change)];
  });
  return Object.fromEntries(inner);
}

/** A property may be called as a keyword is. */
function mapEach(properties: unknown, change: (object: Json) => Json): Json {
  return Object.fromEntries(
    Object.entries(asObject(properties)).map(([name, schema]) => [name, mapSchemas(schema, change)]),
  );
}
