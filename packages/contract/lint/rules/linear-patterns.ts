import { checkSync } from "recheck";
import type { Rule } from "../redocly.ts";

/**
 * The time that a `pattern` takes grows no faster than the text. Otherwise a single long text could stop the server.
 */
export const linearPatterns: Rule = () => ({
  Schema({ pattern }, { report, location }) {
    if (typeof pattern !== "string") return;
    const found = whatIsWrong(pattern);
    if (found !== undefined) report({ message: found, location: location.child(["pattern"]) });
  },
});

const known = new Map<string, string | undefined>();

/** Remembered: to find out can take a second, and schemas are visited from wherever they are referred to. */
function whatIsWrong(pattern: string): string | undefined {
  if (!known.has(pattern)) known.set(pattern, findOut(pattern));
  return known.get(pattern);
}

function findOut(pattern: string): string | undefined {
  const found = checkSync(pattern, "u", { timeout: limitMs });
  switch (found.status) {
    case "safe":
      return undefined;
    case "vulnerable":
      return `It takes ${found.complexity.summary} time, for instance for ${found.attack.pattern}.`;
    case "unknown":
      return `It cannot be shown that it takes linear time (${found.error.kind}): write it more plainly.`;
  }
}

/** For one pattern. Those that are taken need at most a few seconds on a busy machine. */
const limitMs = 60_000;
