import document from "./contract.gen.json" with { type: "json" };
import { asObject } from "./document.ts";
import type { FieldError } from "./types.gen.ts";

/**
 * What an error's `validation` names of all that is wrong with a request. That may be as much as the request has bytes, so
 * only the first are named, as many and at as great a length as the contract says.
 */
export function namedFieldErrors(all: readonly FieldError[]): FieldError[] {
  return all.slice(0, limitAt("ValidationError", "validation", "maxItems")).map(({ field, message }) => ({
    field: shortened(field, limitAt("FieldError", "field", "maxLength")),
    message: shortened(message, limitAt("FieldError", "message", "maxLength")),
  }));
}

/** @param limit characters, of Unicode */
function shortened(text: string, limit: number): string {
  // Whatever their number is, one character has two units at the most.
  const characters = [...text.slice(0, 2 * (limit + 1))];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}

function limitAt(schema: string, property: string, keyword: string): number {
  const { properties } = asObject(Reflect.get(document.components.schemas, schema));
  const limit = asObject(asObject(properties)[property])[keyword];
  if (typeof limit !== "number") throw new Error(`the contract has no ${keyword} of ${schema}.${property}`);
  return limit;
}
