import { isDeepStrictEqual } from "node:util";
import { answerExamples } from "../answers.ts";
import { list, type Rule } from "../redocly.ts";

/** Two examples of one operation do not claim the same request by `x-request`: the later would never be the answer. */
export const distinctRequests: Rule = () => {
  const reported = new Set<string>();
  return {
    Operation(operation, context) {
      const claims = answerExamples(operation, context).flatMap(({ example, location }) =>
        list(example["x-request"]).map((request, index) => ({
          request,
          location: location.child(["x-request", index]),
        })),
      );
      for (const [index, { request, location }] of claims.entries()) {
        const isTaken = claims.slice(0, index).some((earlier) => isDeepStrictEqual(earlier.request, request));
        if (!isTaken || reported.has(location.pointer)) continue;
        reported.add(location.pointer);
        context.report({
          message: "Another example of the operation claims this request already.",
          location,
        });
      }
    },
  };
};
