import { type Json, object, type Rule } from "../redocly.ts";
import { problemOf } from "../validate.ts";

/** A header's example is as its schema says. Redocly looks at those of bodies and parameters only. */
export const headerExamples: Rule = () => {
  let root: Json = {};
  return {
    Root(document) {
      root = document;
    },
    Header(header, { report, location, resolve }) {
      const values: [path: string[], value: unknown][] = Object.entries(object(header.examples)).map(
        ([name, example]) => [["examples", name, "value"], object(resolve(example).node).value],
      );
      if ("example" in header) values.push([["example"], header.example]);
      for (const [path, value] of values) {
        const problem = problemOf(value, header.schema ?? {}, root);
        if (problem !== undefined)
          report({
            message: `The example is not as the schema says: ${problem}.`,
            location: location.child(path),
          });
      }
    },
  };
};
