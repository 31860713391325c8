import { type Context, type Json, object, type Rule } from "../redocly.ts";
import { problemOf } from "../validate.ts";

/**
 * An answer of newline-delimited JSON names in `contentSchema` the schema of its lines, and its examples are lines that are
 * as it says. To Redocly's own rules they are texts.
 */
export const lineExamples: Rule = () => {
  let document: Json = {};
  return {
    Root(root) {
      document = root;
    },
    Response: {
      MediaType(media, context) {
        if (context.key === "application/x-ndjson") checkLines(media, context, document);
      },
    },
  };
};

function checkLines(media: Json, { resolve, report, location }: Context, document: Json): void {
  const { contentSchema } = object(resolve(media.schema).node);
  if (typeof object(contentSchema).$ref !== "string") {
    report({
      message: "Lines have a `contentSchema`, a reference to a schema.",
      location: location.child(["schema"]),
    });
    return;
  }
  for (const [name, example] of Object.entries(object(media.examples))) {
    const { value } = object(resolve(example).node);
    const problem = problemOfLines(String(value), contentSchema, document);
    if (problem !== undefined)
      report({ message: problem, location: location.child(["examples", name, "value"]) });
  }
}

function problemOfLines(text: string, schema: unknown, document: Json): string | undefined {
  const [end, ...lines] = text.split("\n").reverse();
  if (end !== "" || lines.length === 0) return "Each line ends with a line feed, and there is one at least.";
  for (const line of lines.reverse()) {
    const problem = problemOfLine(line, schema, document);
    if (problem !== undefined) return `A line is not as its schema says: ${problem}.`;
  }
  return undefined;
}

function problemOfLine(line: string, schema: unknown, document: Json): string | undefined {
  try {
    return problemOf(JSON.parse(line), schema, document);
  } catch {
    return "it is no JSON";
  }
}
