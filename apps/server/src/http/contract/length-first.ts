/**
 * Copies schemas so that a validator checks length first. Checks that take time for each character, item or field (`pattern`,
 * `format`, `items`, `uniqueItems`) apply only where `maxLength` and `maxItems` beside them hold, and unknown fields are named
 * only where they are few. Otherwise a validator that reports every error looks at all of a value, however long it is.
 * @param node a schema, or anything with schemas in it
 */
export function lengthFirst(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(lengthFirst);
  if (typeof node !== "object" || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, lengthFirst(value)]));
  return limits.reduce(judgedAfter, unknownFieldsBounded(copy));
}

/** The largest number of unknown fields that are named one by one. */
const mostUnknown = 100;

function unknownFieldsBounded(schema: Record<string, unknown>): Record<string, unknown> {
  const { additionalProperties, allOf, ...rest } = schema;
  const { properties } = rest;
  if (additionalProperties !== false || typeof properties !== "object" || properties === null) return schema;
  const names = Object.keys(properties);
  const few = { maxProperties: names.length + mostUnknown };
  const known = Object.fromEntries(names.map((name) => [name, true]));
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword, and no code awaits a schema.
  const whenFew = { if: few, then: { properties: known, additionalProperties } };
  return { ...rest, allOf: [few, whenFew, ...(Array.isArray(allOf) ? allOf : [])] };
}

/** The keywords that bound a value, and those that take longer the larger the value is. */
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
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's keyword, and no code awaits a schema.
  const whenShort = { if: { [limit]: schema[limit] }, then: after };
  // Errors are reported in this order, too.
  return { ...rest, allOf: [lengths, whenShort, ...(Array.isArray(allOf) ? allOf : [])] };
}

function picked(
  schema: Readonly<Record<string, unknown>>,
  isWanted: (keyword: string) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => isWanted(keyword)));
}

/** Whether a validator error only says that there are other errors: the errors of `then`. */
export function isOfLengthFirst(errorCode: string): boolean {
  return errorCode === "if.openapi.validation";
}
