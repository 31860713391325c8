import { type OperationDescription, type OperationId, operations } from "@wuts/contract";
import { type Case, type RawRequest, requestLike, validRequest } from "@wuts/contract-cases";
import { listOutcomes, type Outcome } from "@wuts/mock";
import { shownBy } from "./shown.ts";

const descriptions: readonly (OperationDescription & { readonly operationId: OperationId })[] = operations;

/** The first success of each operation: what a request like the contract's examples comes to, with nothing arranged. */
export const firstAnswers: readonly Case[] = descriptions.flatMap((operation) => {
  const first = listOutcomes().find(({ operationId }) => operationId === operation.operationId);
  if (!first) return [];
  return [
    caseOf(
      operation,
      first,
      "to a request like the contract's examples",
      validRequest(operation.operationId),
    ),
  ];
});

/** What the contract says of itself by `x-request`: of each outcome with such requests, the first. */
export const scenarioCases: readonly Case[] = listOutcomes().flatMap((outcome) => {
  const operation = descriptions.find(({ operationId }) => operationId === outcome.operationId);
  const [scenario] = outcome.scenarios;
  if (!operation || !scenario) return [];
  return [caseOf(operation, outcome, "as the contract shows it", requestLike(operation, scenario))];
});

function caseOf(
  operation: (typeof descriptions)[number],
  outcome: Outcome,
  about: string,
  request: RawRequest,
): Case {
  const { status, errorCode, example } = outcome;
  const world = errorCode === "WHATSAPP_TIMEOUT" ? "impatient" : "usual";
  const shows = shownBy(operation, outcome, request);
  const { operationId } = operation;
  return {
    operationId,
    status,
    outcome: errorCode ?? example,
    world,
    about,
    request,
    ...(shows && { shows }),
  };
}
