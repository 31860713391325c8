import { type Json, object, type Rule } from "../redocly.ts";

/** The JSON of a success is a named schema: generators would make up a name, such as `GetUser200`, for one that has none. */
export const namedAnswers: Rule = () => {
  const seen = new Set<string>();
  return {
    Response(response: Json, { key, report, location }) {
      if (!/^2/.test(String(key)) || seen.has(location.pointer)) return;
      seen.add(location.pointer);
      const { schema } = object(object(response.content)["application/json"]);
      if (schema !== undefined && typeof object(schema).$ref !== "string")
        report({
          message: "Name this schema: put it into the components, and refer to it.",
          location: location.child(["content", "application/json", "schema"]),
        });
    },
  };
};
