import { type Context, isObject, type Json, list, object, type Rule } from "../redocly.ts";

/**
 * `x-requires-one-of` names at least two query parameters that may each be left out; one of them must be given. One
 * with a default would always be.
 */
export const requiresOneOf: Rule = () => ({
  PathItem: {
    Operation(operation, context, { PathItem }) {
      if (!("x-requires-one-of" in operation)) return;
      const { report, location, resolve } = context;
      const at = location.child(["x-requires-one-of"]);
      const names = list(operation["x-requires-one-of"]);
      if (new Set(names).size < 2 || new Set(names).size < names.length)
        report({ message: "`x-requires-one-of` lists two or more names, each once.", location: at });
      const parameters = [...list(PathItem?.parameters), ...list(operation.parameters)].map((parameter) =>
        object(resolve(parameter).node),
      );
      names.forEach((name, index) => {
        const parameter = parameters.find((each) => each.in === "query" && each.name === name);
        if (parameter === undefined || !canBeLeftOut(parameter, context))
          report({
            message: `\`${name}\` is not a query parameter that may be left out and has no default.`,
            location: at.child([index]),
          });
      });
    },
  },
});

function canBeLeftOut(parameter: Json, { resolve }: Context): boolean {
  const schema = resolve(parameter.schema).node;
  return parameter.required !== true && !(isObject(schema) && "default" in schema);
}
