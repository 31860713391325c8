import { type Context, type Json, list, object, type Rule } from "../redocly.ts";

/**
 * Each error response is JSON, with a required `error_code` that is one of a list; and each code of the list has an
 * example in that response, so that no outcome is without one. What no operation answers is looked at too.
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
        if (errorCodeOf(object(media), context) !== undefined) look(response, context);
      },
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
  const codes = list(errorCodeOf(media, context)?.enum);
  if (codes.length === 0 || !requiresErrorCode(media, context)) {
    report({
      message: "An error has a required `error_code` with an `enum`.",
      location: at.child(["schema"]),
    });
    return;
  }
  const shown = Object.values(object(media.examples)).map(
    (example) => object(object(context.resolve(example).node).value).error_code,
  );
  for (const code of codes) {
    if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(String(code)))
      report({ message: `\`${code}\` is not in UPPER_SNAKE_CASE.`, location: at.child(["schema"]) });
    if (!shown.includes(code))
      report({ message: `No example shows \`${code}\`.`, location: at.child(["examples"]) });
  }
}

function errorCodeOf(media: Json, context: Context): Json | undefined {
  const { error_code } = object(object(context.resolve(media.schema).node).properties);
  return error_code === undefined ? undefined : object(context.resolve(error_code).node);
}

function requiresErrorCode(media: Json, context: Context): boolean {
  return list(object(context.resolve(media.schema).node).required).includes("error_code");
}
