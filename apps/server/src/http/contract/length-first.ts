/**
 * Copies schemas so that length is judged first: what takes time with each character, item or field, `pattern` and `format`,
 * `items` and `uniqueItems`, counts only where `maxLength` and `maxItems` beside it are kept, and fields that are not there are
 * named only where they are few. A validator that is to find every error looks at all of a value otherwise, however long it is.
 * @param node a schema, or anything with schemas in it
 */
export function lengthFirst(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(lengthFirst);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, lengthFirst(value)]));
  return limits.reduce(judgedAfter, unknownFieldsBounded(copy));
}

/** How many fields that are not there are named one by one. */
const mostUnknown = 100;

function unknownFieldsBounded(schema: Record<string, unknown>): Record<string, unknown> {
  const { additionalProperties, allOf, ...rest } = schema;
  const { properties } = rest;
  if (additionalProperties !== false || typeof properties !== "object" || properties === null) return schema;
  const names = Object.keys(properties);
  const few = { maxProperties: names.length + mostUnknown };
  const known = Object.fromEntries(names.map((name) => [name, true]));
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword, and nobody awaits a schema.
  const whenFew = { if: few, then: { properties: known, additionalProperties } };
  return { ...rest, allOf: [few, whenFew, ...(Array.isArray(allOf) ? allOf : [])] };
}

/** What bounds a value, and what takes the longer the larger the value is. */
const limits = [
  { limit: "maxLength", least: "minLength", costly: ["pattern", "format"] },
  { limit: "maxItems", least: "minItems", costly: ["items", "uniqueItems"] },
] as const;

function judgedAfter(
  schema: Record<string, unknown>,
  { limit, least, costly }: (typeof limits)[number],
): Record<string, unknown> {
  // A property may have the name of a keyword, and its value is a schema then.
  if (typeof schema[limit] !== "number") return schema;
  const lengths = picked(schema, (keyword) => keyword === limit || keyword === least);
  const after = picked(schema, (keyword) => costly.some((each) => each === keyword));
  if (Object.keys(after).length === 0) return schema;
  const { allOf, ...rest } = picked(schema, (keyword) => !(keyword in lengths) && !(keyword in after));
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword, and nobody awaits a schema.
  const whenShort = { if: { [limit]: schema[limit] }, then: after };
  // In this order they are told, too.
  return { ...rest, allOf: [lengths, whenShort, ...(Array.isArray(allOf) ? allOf : [])] };
}

function picked(
  schema: Readonly<Record<string, unknown>>,
  isWanted: (keyword: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => isWanted(keyword)));
}

/** Whether an error of the validator says no more than that there are others: those of `then`. */
export function isOfLengthFirst(errorCode: string): boolean {
  return errorCode === "if.openapi.validation";
}
