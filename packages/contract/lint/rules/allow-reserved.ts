import { type Context, list, object, type Rule } from "../redocly.ts";

/**
 * A query parameter that can hold `@` or `+` has `allowReserved: true`: without it, request validation refuses
 * `?jid=5511999999999@s.whatsapp.net`, which is how people type it.
 */
export const allowReserved: Rule = () => ({
  Parameter(parameter, context) {
    if (parameter.in !== "query" || parameter.allowReserved === true) return;
    if (!canHoldReserved(parameter.schema, context)) return;
    context.report({
      message:
        "It can hold `@` or `+`, so it needs `allowReserved: true`; or an `enum`, a `format` or a `pattern` " +
        "like `^[a-z]{1,9}$` that excludes both.",
      location: context.location,
    });
  },
});

const reserved = ["@", "+"];
/** Neither `date-time` nor `time`: an offset may have a `+`. */
const formatsWithout = ["uuid", "date"];
const typesWithout = ["integer", "number", "boolean", "null"];

/** Whether it cannot be ruled out; a pattern rules it out only in the form that {@link excludes} understands. */
function canHoldReserved(reference: unknown, context: Context): boolean {
  const schema = object(context.resolve(reference).node);
  const canHold = (part: unknown) => canHoldReserved(part, context);
  if (Array.isArray(schema.enum)) return schema.enum.some(hasReserved);
  if ("const" in schema) return hasReserved(schema.const);
  if (formatsWithout.includes(String(schema.format))) return false;
  if (typeof schema.pattern === "string" && reserved.every((sign) => excludes(schema.pattern, sign)))
    return false;
  if (list(schema.allOf).some((part) => !canHold(part))) return false;
  const choices = [schema.oneOf, schema.anyOf].find((parts) => list(parts).length > 0);
  if (choices !== undefined) return list(choices).some(canHold);
  const types = [schema.type].flat();
  if (types.every((type) => typesWithout.includes(String(type)))) return false;
  return types.includes("array") && types.length === 1 ? canHold(schema.items) : true;
}

function hasReserved(value: unknown): boolean {
  return reserved.some((sign) => String(value).includes(sign));
}

const piece = String.raw`(?:\[(?:[^\]\\]|\\.)+\]|\\[dw]|[\w-])`;
const quantifier = String.raw`(?:[*+?]|\{\d+(?:,\d*)?\})?`;
const understood = new RegExp(`^\\^(?:${piece}${quantifier})+\\$$`);

/** Whether a pattern is a row of plain characters and classes, from `^` to `$`, of which none takes `sign`. */
function excludes(pattern: unknown, sign: string): boolean {
  if (typeof pattern !== "string" || !understood.test(pattern)) return false;
  const pieces = pattern.slice(1, -1).match(new RegExp(piece, "g")) ?? [];
  return !pieces.some((part) => new RegExp(`^${part}$`, "u").test(sign));
}
