import document from "./contract.gen.json" with { type: "json" };
import { asObject } from "./document.ts";
import type { FieldError } from "./types.gen.ts";

/**
 * Truncates validation errors to the number and the lengths that the strict view of the contract allows in `validation`. A request can have as many
 * errors as bytes.
 */
export function namedFieldErrors(all: readonly FieldError[]): FieldError[] {
  return all.slice(0, limitAt("Error", "validation", "maxItems")).map(({ field, message }) => ({
    field: shortened(field, limitAt("FieldError", "field", "maxLength")),
    message: shortened(message, limitAt("FieldError", "message", "maxLength")),
  }));
}

/** @param limit in Unicode characters */
function shortened(text: string, limit: number): string {
  // A Unicode character has at most two UTF-16 units.
  const characters = [...text.slice(0, 2 * (limit + 1))];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}

function limitAt(schema: string, property: string, keyword: string): number {
  const { properties } = asObject(Reflect.get(document.components.schemas, schema));
  const limit = asObject(asObject(asObject(properties)[property])["x-strict"])[keyword];
  if (typeof limit !== "number") throw new Error(`the contract has no ${keyword} of ${schema}.${property}`);
  return limit;
}
