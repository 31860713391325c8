import type { IncomingMessage } from "node:http";
import type {} from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import accepts from "accepts";
import type { MockedOperation } from "../engine.ts";
import type { Outcome } from "../outcomes/outcomes.ts";

/** Splits the outcomes of an operation by a request's `Accept`. */
export function outcomesFor(
  { ndjsonItem, outcomes }: MockedOperation,
  request: IncomingMessage,
): { readonly wanted: readonly Outcome[]; readonly unwanted: readonly Outcome[] } {
  const wantsLines =
    ndjsonItem !== null && accepts(request).type(["application/json", linesType]) === linesType;
  // Errors are JSON for every `Accept`.
  const isWanted = ({ lines, errorCode }: Outcome) => lines === wantsLines || errorCode !== undefined;
  return { wanted: outcomes.filter(isWanted), unwanted: outcomes.filter((outcome) => !isWanted(outcome)) };
}
