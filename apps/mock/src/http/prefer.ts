import { type Failure, validationFailure } from "@wuts/server/front";
import type { Choice } from "../engine.ts";
import type { Outcome } from "../outcomes/outcomes.ts";

const preference = "(code=[1-5][0-9]{2}|example=[\\w-]+)";

/** The header as the mock's own document declares it. The contract does not: on the server it counts for nothing. */
export const preferParameter = {
  name: "Prefer",
  in: "header",
  description:
    "Selects the outcome that the mock answers, whatever the request has besides its token: `code=404` the first example of that " +
    "status, `example=picture-hidden` that example, or both, with a comma between them. 400 lists the outcomes when there is no such " +
    "one. The server ignores it.",
  schema: { type: "string", pattern: `^${preference}(, ?${preference})?$` },
  "x-unsent-example": "code=400",
} as const;

/**
 * Finds the outcome that `Prefer: code=…`, `Prefer: example=…` or both select. Other preferences are ignored (RFC 7240).
 * @returns the first match; `undefined` if the header has neither
 * @throws Failure when no outcome matches
 */
export function preferredChoice(
  outcomes: readonly Outcome[],
  prefer: string | string[] | undefined,
): Choice | undefined {
  const { code, example } = preferences(prefer === undefined ? "" : `${prefer}`);
  if (code === undefined && example === undefined) return undefined;
  const found = outcomes.find(
    (outcome) =>
      (code === undefined || `${outcome.status}` === code) &&
      (example === undefined || outcome.example === example),
  );
  if (found === undefined) throw notDocumented(outcomes);
  return found;
}

function preferences(header: string): Record<string, string> {
  const pairs = header.matchAll(/(?:^|[,;])\s*([\w-]+)\s*=\s*"?([^",;]*?)"?\s*(?=[,;]|$)/g);
  return Object.fromEntries([...pairs].map(([, name = "", value = ""]) => [name.toLowerCase(), value]));
}

function notDocumented(outcomes: readonly Outcome[]): Failure {
  const known = outcomes.map(({ status, example }) => `code=${status}, example=${example}`).join("; ");
  return validationFailure({ field: "Prefer", message: `must name a documented outcome: ${known}` });
}
