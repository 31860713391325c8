import { type Context, type Json, list, object, type Rule } from "../redocly.ts";

/**
 * Each error response is JSON, with a required `error_code` that is one of a list; each code of the list has an example in that
 * response, so that no outcome is without one. What no operation answers is looked at too. Where `x-enumDescriptions` says what codes
 * mean, it says so of each. A header that comes with some of the codes only, by `x-only-with`, names codes of the response.
 */
export const errorCodes: Rule = () => {
  const seen = new Set<string>();
  const look = (response: Json, context: Context) => {
    if (seen.has(context.location.pointer)) return;
    seen.add(context.location.pointer);
    checkResponse(response, context);
  };
  return {
    Operation: {
      Response(response, context) {
        if (!/^[123]/.test(String(context.key))) look(response, context);
      },
    },
    NamedResponses: {
      Response(response, context) {
        const [media] = Object.values(object(response.content));
        if (errorCodesOf(object(media).schema, context).length > 0) look(response, context);
      },
    },
    Schema(schema, { report, location }) {
      if (!("x-enumDescriptions" in schema)) return;
      const values = list(schema.enum).map(String);
      const described = Object.keys(object(schema["x-enumDescriptions"]));
      for (const name of values.filter((value) => !described.includes(value)))
        report({
          message: `Nothing says what \`${name}\` means.`,
          location: location.child(["x-enumDescriptions"]),
        });
      for (const name of described.filter((value) => !values.includes(value)))
        report({
          message: `\`${name}\` is none of the \`enum\`.`,
          location: location.child(["x-enumDescriptions", name]),
        });
    },
  };
};

function checkResponse(response: Json, context: Context): void {
  const { report, location } = context;
  const content = object(response.content);
  const media = object(content["application/json"]);
  if (Object.keys(content).join() !== "application/json") {
    report({ message: "An error is `application/json`, and nothing else.", location });
    return;
  }
  const at = location.child(["content", "application/json"]);
  const schemas = errorCodesOf(media.schema, context);
  const [codes = [], ...others] = schemas.map((schema) => list(schema.enum));
  if (codes.length === 0 || !requiresErrorCode(media.schema, context)) {
    report({
      message: "An error has a required `error_code` with an `enum`.",
      location: at.child(["schema"]),
    });
    return;
  }
  const shown = Object.values(object(media.examples)).map(
    (example) => object(object(context.resolve(example).node).value).error_code,
  );
  const possible = codes.filter((each) => others.every((allowed) => allowed.includes(each)));
  checkHeaders(response, possible, context);
  for (const code of possible) {
    if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(String(code)))
      report({ message: `\`${code}\` is not in UPPER_SNAKE_CASE.`, location: at.child(["schema"]) });
    if (!shown.includes(code))
      report({ message: `No example shows \`${code}\`.`, location: at.child(["examples"]) });
  }
}

/** A header that comes with some codes only may be missing, and its codes are some of those of the response. */
function checkHeaders(
  response: Json,
  codes: readonly unknown[],
  { report, location, resolve }: Context,
): void {
  for (const [name, reference] of Object.entries(object(response.headers))) {
    const header = object(resolve(reference).node);
    if (!("x-only-with" in header)) continue;
    const named = list(header["x-only-with"]);
    if (named.length === 0 || header.required === true || named.some((code) => !codes.includes(code)))
      report({
        message: "`x-only-with` lists codes of this response, and the header is not `required`.",
        location: location.child(["headers", name]),
      });
  }
}

/** @returns the schemas that `error_code` must match: that of the object itself, and those of the parts of its `allOf` */
function errorCodesOf(schema: unknown, context: Context): Json[] {
  return partsOf(schema, context).flatMap(({ properties }) => {
    const { error_code } = object(properties);
    return error_code === undefined ? [] : [object(context.resolve(error_code).node)];
  });
}

function requiresErrorCode(schema: unknown, context: Context): boolean {
  return partsOf(schema, context).some(({ required }) => list(required).includes("error_code"));
}

/** @returns the parts: a value must match all of them */
function partsOf(schema: unknown, context: Context): Json[] {
  const resolved = object(context.resolve(schema).node);
  return [resolved, ...list(resolved.allOf).flatMap((part) => partsOf(part, context))];
}
