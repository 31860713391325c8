import { asList, asObject, type Json } from "@wuts/contract/document";

/**
 * @returns the values of a schema that allows only a few: those of its `enum`, or of alternatives that are booleans and small ranges of
 * integers; `undefined` when there are too many to list
 */
export function fewValues({ enum: listed, oneOf }: Json): readonly unknown[] | undefined {
  if (listed !== undefined) return asList(listed);
  const alternatives = asList(oneOf).map(valuesOf);
  return alternatives.length > 0 && alternatives.every((values) => values !== undefined)
    ? alternatives.flat()
    : undefined;
}

function valuesOf(alternative: unknown): unknown[] | undefined {
  const { type, minimum, maximum } = asObject(alternative);
  if (type === "boolean") return [true, false];
  if (type !== "integer" || typeof minimum !== "number" || typeof maximum !== "number") return undefined;
  return maximum - minimum > 20
    ? undefined
    : Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index);
}
