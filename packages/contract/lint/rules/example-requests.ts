import { answerExamples } from "../answers.ts";
import { type Context, isObject, type Json, type Location, list, object, type Rule } from "../redocly.ts";
import { problemOf } from "../validate.ts";

/** The schemas of an operation's parameters and of its body's fields, by name. */
type Fields = ReadonlyMap<string, unknown>;

/** An example with `x-request`, and what can be said in a request to each operation that answers it. */
interface Claim {
  readonly alternatives: unknown;
  readonly location: Location;
  readonly operations: Fields[];
}

/**
 * `x-request` of an example lists requests that the example answers, so each is one that an operation with this answer
 * takes: it names parameters or body fields of that operation, with values as their schemas say.
 */
export const exampleRequests: Rule = () => {
  const claims = new Map<string, Claim>();
  let document: Json = {};

  const claimOf = (example: Json, location: Location): Claim => {
    const claim = claims.get(location.pointer) ?? {
      alternatives: example["x-request"],
      location: location.child(["x-request"]),
      operations: [],
    };
    claims.set(location.pointer, claim);
    return claim;
  };

  return {
    Root: {
      enter(root) {
        document = root;
      },
      leave(_root, { report }) {
        for (const claim of claims.values())
          for (const [path, message] of problemsOf(claim, document))
            report({ message, location: path.length > 0 ? claim.location.child(path) : claim.location });
      },
    },
    // Every example, so that those which answer no operation are seen as well.
    Example(example, { location }) {
      if ("x-request" in example) claimOf(example, location);
    },
    PathItem: {
      Operation(operation, context, { PathItem }) {
        const fields = fieldsOf(object(PathItem), operation, context);
        for (const { example, location } of answerExamples(operation, context))
          if ("x-request" in example) claimOf(example, location).operations.push(fields);
      },
    },
  };
};

type Problem = readonly [path: readonly number[], message: string];

function problemsOf({ alternatives, operations }: Claim, root: Json): Problem[] {
  if (operations.length === 0) return [[[], "No operation answers this example, whatever the request."]];
  if (list(alternatives).length === 0) return [[[], "`x-request` is a list of alternatives."]];
  return list(alternatives).flatMap((alternative, index) => {
    if (!isObject(alternative) || Object.keys(alternative).length === 0)
      return [[[index], "An alternative has the fields of a request and their values."]];
    const reasons = operations.map((fields) => misfit(alternative, fields, root));
    return reasons.includes(undefined) ? [] : [[[index], [...new Set(reasons)].join(" Or: ")]];
  });
}

/** @returns why no request to the operation with these fields says this, if none does */
function misfit(alternative: Json, fields: Fields, root: Json): string | undefined {
  const reasons = Object.entries(alternative).map(([name, value]) => {
    if (!fields.has(name)) return `\`${name}\` is neither a parameter nor a field of the body.`;
    const problem = problemOf(value, fields.get(name), root);
    return problem && `\`${name}\` is not as its schema says: ${problem}.`;
  });
  return reasons.find((reason) => reason !== undefined);
}

function fieldsOf(item: Json, operation: Json, { resolve }: Context): Fields {
  const parameters = [...list(item.parameters), ...list(operation.parameters)]
    .map((parameter) => object(resolve(parameter).node))
    .filter((parameter) => parameter.in === "query" || parameter.in === "path")
    .map((parameter): [string, unknown] => [String(parameter.name), parameter.schema ?? {}]);
  const bodies = Object.values(object(object(resolve(operation.requestBody).node).content));
  const fields = bodies.flatMap((media) =>
    Object.entries(object(object(resolve(object(media).schema).node).properties)),
  );
  return new Map([...parameters, ...fields]);
}
