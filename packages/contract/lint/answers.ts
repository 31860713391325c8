import { type Context, isObject, type Json, type Location, object } from "./redocly.ts";

/** An example of an answer, and where it is. */
export interface AnswerExample {
  readonly example: Json;
  readonly location: Location;
}

/**
 * The examples of everything that an operation answers. Visitors would meet those of a shared response with the first
 * of its operations only.
 * @param context of the operation
 */
export function answerExamples(operation: Json, context: Context): AnswerExample[] {
  const examples = children(object(operation.responses), context.location.child(["responses"]), context)
    .flatMap(({ node, location }) => children(object(node.content), location.child(["content"]), context))
    .flatMap(({ node, location }) => children(object(node.examples), location.child(["examples"]), context))
    .map(({ node, location }) => ({ example: node, location }));
  // One response may be shared by several statuses.
  return [...new Map(examples.map((each) => [each.location.pointer, each])).values()];
}

interface Place {
  readonly node: Json;
  readonly location: Location;
}

/** The objects in a map, behind references too, and where they really are. */
function children(map: Json, location: Location, { resolve }: Context): Place[] {
  return Object.entries(map).map(([name, value]) => {
    const isReference = isObject(value) && "$ref" in value;
    const resolved = resolve(value);
    const here = isReference && resolved.location !== undefined ? resolved.location : location.child([name]);
    return { node: object(resolved.node), location: here };
  });
}
