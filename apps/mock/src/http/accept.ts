import type { IncomingMessage } from "node:http";
import type {} from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import accepts from "accepts";
import type { MockedOperation } from "../engine.ts";
import type { Outcome } from "../outcomes/outcomes.ts";

/** The outcomes of an operation: those that a request's `Accept` leaves, and those that are for other requests. */
export function outcomesFor(
  { ndjsonItem, outcomes }: MockedOperation,
  request: IncomingMessage,
): { readonly wanted: readonly Outcome[]; readonly unwanted: readonly Outcome[] } {
  const wantsLines =
    ndjsonItem !== null && accepts(request).type(["application/json", linesType]) === linesType;
  // Errors come in one piece whatever was asked for.
  const isWanted = ({ lines, errorCode }: Outcome) => lines === wantsLines || errorCode !== undefined;
  return { wanted: outcomes.filter(isWanted), unwanted: outcomes.filter((outcome) => !isWanted(outcome)) };
}
