import { type Context, isObject, type Json, type Location, list, object, type Rule } from "../redocly.ts";

/**
 * What is sent is closed and what is answered is open. An object of a request takes the described properties and no other, so that
 * a misspelt one is an error; `x-open` on an object that must take others says why. An answer may get a field more or a longer text
 * some day without breaking a client that validates: what the server itself holds its answers to is in `x-strict`, and the
 * strict view of the contract closes the objects. A schema without a type would take objects too.
 */
export const closedObjects: Rule = () => {
  const requests = checkOnce((schema) =>
    "x-strict" in schema ? "Only answers have `x-strict`." : problemOfClosed(schema),
  );
  const answers = checkOnce(problemOfAnswer);
  return {
    Parameter: { Schema: requests },
    RequestBody: { Schema: requests },
    Response: { Schema: answers },
  };
};

/**
 * Looks at a schema and at all that it is made of, behind references too, each once. The walker itself would stop inside a response at
 * the first schema.
 */
function checkOnce(problemOf: (schema: Json) => string | undefined) {
  const seen = new Set<string>();
  const check = (schema: Json, location: Location, context: Context): void => {
    if (seen.has(location.pointer)) return;
    seen.add(location.pointer);
    const [place, problem] =
      "x-open" in schema
        ? ([location.child(["x-open"]), problemOfOpen(schema)] as const)
        : ([location, problemOf(schema)] as const);
    if (problem !== undefined) context.report({ message: problem, location: place });
    for (const path of pathsOfParts(schema)) {
      const part = path.reduce<unknown>((node, key) => Reflect.get(Object(node), key), schema);
      const at = location.child(path);
      if (part === true)
        context.report({ message: "`true` takes anything: say what is taken.", location: at });
      const resolved = context.resolve(part);
      if (isObject(resolved.node))
        check(resolved.node, "$ref" in Object(part) ? (resolved.location ?? at) : at, context);
    }
  };
  return (schema: Json, context: Context) => check(schema, context.location, context);
}

const typing = ["type", "enum", "const", "allOf", "anyOf", "oneOf"];
const ofObjects = ["properties", "patternProperties", "additionalProperties"];

function problemOfClosed(schema: Json): string | undefined {
  if (takesObjects(schema))
    return isClosed(schema)
      ? undefined
      : "An object has `additionalProperties: false`, or `x-open` with the reason why not.";
  return problemOfType(schema);
}

function problemOfAnswer(schema: Json): string | undefined {
  if ("x-strict" in schema && !isObject(schema["x-strict"])) return "`x-strict` has keywords of a schema.";
  const narrow = ["pattern", "maxLength", "maxItems"].find((keyword) => keyword in schema);
  if (narrow !== undefined) return `An answer may grow: put \`${narrow}\` into \`x-strict\`.`;
  if ("additionalProperties" in schema || "unevaluatedProperties" in schema)
    return "An answer may grow: leave out what closes it, or say in `x-open` why it has properties that are not described.";
  return takesObjects(schema) ? undefined : problemOfType(schema);
}

function problemOfType(schema: Json): string | undefined {
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

/** Where the schemas are that a schema is made of. */
function pathsOfParts(schema: Json): (string | number)[][] {
  return [
    // `x-open` on an object says why its `additionalProperties` may be `true`.
    ...["items", "not", "contentSchema"].filter((keyword) => keyword in schema).map((keyword) => [keyword]),
    ...Object.keys(object(schema.properties)).map((name) => ["properties", name]),
    ...["allOf", "anyOf", "oneOf", "prefixItems"].flatMap((keyword) =>
      list(schema[keyword]).map((_, index) => [keyword, index]),
    ),
  ];
}
