import { type Context, isObject, type Json, type Location, list, object, type Rule } from "../redocly.ts";
import { problemOf } from "../validate.ts";

/**
 * A parameter that may be left out has no example that tools would send. Postman, Swagger UI and others put the examples of all
 * parameters into a request: the id of a device that its caller does not have, a cursor that no list has given, a key that
 * another request had. The one value that does no harm is the `default`, which counts without the parameter, too. Any other
 * example is an `x-unsent-example`, which people read and no tool sends.
 *
 * Of the parameters in `x-requires-one-of` one has to be sent, so these have examples, as required ones do.
 */
export const unsentExamples: Rule = () => {
  let root: Json = {};
  const seen = new Set<string>();
  return {
    Root(document) {
      root = document;
    },
    PathItem(item, context) {
      for (const { parameter, location, isNeeded } of parametersOf(item, context)) {
        const place = `${location.pointer} ${isNeeded}`;
        if (seen.has(place)) continue;
        seen.add(place);
        const check = isNeeded ? problemsOfNeeded : problemsOfOptional;
        for (const [path, message] of check(parameter, context, root))
          context.report({ message, location: location.child(path) });
      }
    },
  };
};

type Problem = readonly [path: readonly string[], message: string];

function problemsOfNeeded(parameter: Json): Problem[] {
  if (!("x-unsent-example" in parameter)) return [];
  return [[["x-unsent-example"], "The parameter is one that has to be sent: it has an `example`."]];
}

function problemsOfOptional(parameter: Json, { resolve }: Context, root: Json): Problem[] {
  const schema = object(resolve(parameter.schema).node);
  const named = Object.entries(object(parameter.examples));
  const sent: readonly (readonly [path: readonly string[], value: unknown])[] = [
    ...("example" in parameter ? [[["example"], parameter.example] as const] : []),
    ...named.map(([name, example]) => [["examples", name], object(resolve(example).node).value] as const),
    ...("example" in schema ? [[["schema"], schema.example] as const] : []),
    ...list(schema.examples).map((value) => [["schema"], value] as const),
  ];
  const problems = sent
    .filter(([, value]) => !("default" in schema) || value !== schema.default)
    .map(([path]): Problem => [path, "Tools would send it: it is an `x-unsent-example`, or the `default`."]);
  if (!("x-unsent-example" in parameter)) return problems;
  const problem = problemOf(parameter["x-unsent-example"], parameter.schema ?? {}, root);
  if (problem === undefined) return problems;
  return [...problems, [["x-unsent-example"], `It is not as the schema says: ${problem}.`]];
}

interface Place {
  readonly parameter: Json;
  readonly location: Location;
  /** Whether requests to its operation cannot do without it, or without one of several that it is among. */
  readonly isNeeded: boolean;
}

function parametersOf(item: Json, context: Context): Place[] {
  const operations = Object.entries(item).filter(([name]) => methods.includes(name));
  return operations.flatMap(([method, operation]) => {
    const { parameters, "x-requires-one-of": oneOf } = object(operation);
    const placesIn = (all: unknown, location: Location) =>
      list(all).map((each, index) => {
        const { node, location: target } = context.resolve(each);
        const isReference = isObject(each) && "$ref" in each;
        const parameter = object(node);
        return {
          parameter,
          location: isReference && target !== undefined ? target : location.child([index]),
          isNeeded:
            parameter.required === true || (parameter.in === "query" && list(oneOf).includes(parameter.name)),
        };
      });
    return [
      ...placesIn(item.parameters, context.location.child(["parameters"])),
      ...placesIn(parameters, context.location.child([method, "parameters"])),
    ];
  });
}

const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
