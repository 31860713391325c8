import { type OperationDescription, type OperationId, operations } from "@wuts/contract";
import { listOutcomes } from "@wuts/mock";
import { requestLike } from "../../support/valid-requests.ts";
import type { Case } from "../case.ts";

const descriptions: readonly (OperationDescription & { readonly operationId: OperationId })[] = operations;

/** What the contract says of itself by `x-request`: of each outcome with such requests, the first. */
export const scenarioCases: readonly Case[] = listOutcomes().flatMap((outcome) => {
  const { operationId, status, errorCode, example, scenarios } = outcome;
  const operation = descriptions.find((each) => each.operationId === operationId);
  const [scenario] = scenarios;
  if (!operation || !scenario) return [];
  const world = errorCode === "WHATSAPP_TIMEOUT" ? "impatient" : "usual";
  return [
    {
      operationId: operation.operationId,
      status,
      outcome: errorCode ?? example,
      world,
      about: "as the contract shows it",
      request: requestLike(operation, scenario),
    },
  ];
});
