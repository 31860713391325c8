import { type Json, list, object, type Rule } from "../redocly.ts";

/**
 * An object takes the described properties and no other, so that a misspelt one is an error and a secret cannot slip
 * through. `x-open` on an object that must take others says why. A schema without a type would take objects too.
 */
export const closedObjects: Rule = () => ({
  Schema(schema, { report, location }) {
    for (const path of trueSchemas(schema))
      report({ message: "`true` takes anything: say what is taken.", location: location.child(path) });
    if ("x-open" in schema) {
      const problem = problemOfOpen(schema);
      if (problem !== undefined) report({ message: problem, location: location.child(["x-open"]) });
      return;
    }
    const problem = problemOfClosed(schema);
    if (problem !== undefined) report({ message: problem, location });
  },
});

const typing = ["type", "enum", "const", "allOf", "anyOf", "oneOf"];
const ofObjects = ["properties", "patternProperties", "additionalProperties"];

function problemOfClosed(schema: Json): string | undefined {
  if (takesObjects(schema))
    return isClosed(schema)
      ? undefined
      : "An object has `additionalProperties: false`, or `x-open` with the reason why not.";
  if (!typing.some((keyword) => keyword in schema)) return "This schema takes anything: say its `type`.";
  return typesOf(schema).includes("array") && !("items" in schema) ? "A list has `items`." : undefined;
}

function problemOfOpen(schema: Json): string | undefined {
  const reason = schema["x-open"];
  if (typeof reason !== "string" || reason.trim() === "") return "`x-open` says why, in words.";
  const isOpen = takesObjects(schema) && !isClosed(schema);
  return isOpen ? undefined : "`x-open` is in vain: nothing is open here.";
}

function takesObjects(schema: Json): boolean {
  return typesOf(schema).includes("object") || ofObjects.some((keyword) => keyword in schema);
}

function isClosed(schema: Json): boolean {
  return schema.additionalProperties === false || schema.unevaluatedProperties === false;
}

function typesOf(schema: Json): readonly unknown[] {
  return [schema.type].flat();
}

/** Where a part of a schema is `true`, which the walker takes for no schema. */
function trueSchemas(schema: Json): (string | number)[][] {
  const parts: [path: (string | number)[], part: unknown][] = [[["items"], schema.items]];
  for (const [name, part] of Object.entries(object(schema.properties)))
    parts.push([["properties", name], part]);
  for (const keyword of ["allOf", "anyOf", "oneOf", "prefixItems"])
    list(schema[keyword]).forEach((part, index) => {
      parts.push([[keyword, index], part]);
    });
  return parts.filter(([, part]) => part === true).map(([path]) => path);
}
