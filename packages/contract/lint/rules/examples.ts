import { type Context, isObject, type Json, object, type Rule } from "../redocly.ts";

/**
 * Each body, parameter and header has an example, and a schema to hold it against (Redocly's own rules do that). Bodies
 * have theirs under names, `examples`, by which the mock server is asked for them. Bytes are written in base64. What a tool must
 * not send unasked is an `x-unsent-example`.
 */
export const examples: Rule = () => ({
  Response: { MediaType: checkMedia },
  RequestBody: { MediaType: checkMedia },
  Parameter: checkParameter,
  Header: checkValue,
});

function checkMedia(media: Json, context: Context): void {
  demandSchema(media, context);
  if ("example" in media || !hasNamedExamples(media, context))
    context.report({
      message: "A body has `examples`, each with a name and a `value`.",
      location: context.location,
    });
  const isBytes = object(context.resolve(media.schema).node).format === "binary";
  for (const [name, example] of isBytes ? Object.entries(object(media.examples)) : [])
    if (!isBase64(object(context.resolve(example).node).value))
      context.report({
        message: "An example of bytes is in base64.",
        location: context.location.child(["examples", name]),
      });
}

/** As RFC 4648, section 4, has it. */
function isBase64(value: unknown): boolean {
  return typeof value === "string" && Buffer.from(value, "base64").toString("base64") === value;
}

function checkParameter(parameter: Json, context: Context): void {
  if ("x-unsent-example" in parameter) demandSchema(parameter, context);
  else checkValue(parameter, context);
}

function checkValue(described: Json, context: Context): void {
  demandSchema(described, context);
  if (!("example" in described) && !hasNamedExamples(described, context))
    context.report({
      message: "It has an `example`, or `examples`, each with a name and a `value`.",
      location: context.location,
    });
}

function demandSchema(described: Json, { report, location }: Context): void {
  if (!("schema" in described)) report({ message: "It has a `schema`.", location });
}

function hasNamedExamples(described: Json, context: Context): boolean {
  const named = Object.values(object(described.examples)).map((example) => context.resolve(example).node);
  return named.length > 0 && named.every((example) => isObject(example) && "value" in example);
}
