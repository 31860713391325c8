import { type ErrorCode, type OperationId, operations } from "@wuts/contract";
import { makeTwoDevices } from "../arrangements.ts";
import type { Case, Details } from "../case.ts";
import { nobodysDevice, validRequest } from "../valid-requests.ts";

/** Errors that every operation which documents them comes to in the same way. */
const commonErrors: Partial<Record<ErrorCode, (operationId: OperationId) => Details>> = {
  VALIDATION_ERROR: (operationId) => {
    const request = validRequest(operationId);
    return {
      about: "an unknown query parameter",
      request: { ...request, query: { ...request.query, colour: "red" } },
      shows: { validation: [{ field: "colour" }] },
    };
  },

  UNAUTHORIZED: (operationId) => ({ request: { ...validRequest(operationId), token: false } }),

  DEVICE_NOT_FOUND: (operationId) => ({ request: validRequest(operationId, nobodysDevice) }),

  DEVICE_AMBIGUOUS: (operationId) => ({
    world: "empty",
    request: validRequest(operationId),
    arrange: makeTwoDevices,
  }),

  PAYLOAD_TOO_LARGE: (operationId) => {
    const request = validRequest(operationId);
    return { request: { ...request, body: { ...request.body, name: "x".repeat(200_000) } } };
  },

  UNSUPPORTED_MEDIA_TYPE: (operationId) => ({
    request: { ...validRequest(operationId), headers: { "Content-Type": "text/plain" } },
  }),

  INTERNAL_ERROR: (operationId) => ({
    world: "failing",
    request: validRequest(operationId, nobodysDevice),
    shows: { error: "internal error" },
  }),
};

export const commonCases: readonly Case[] = operations.flatMap(({ operationId, responses }) =>
  responses.flatMap(({ status, errorCodes }) =>
    errorCodes.flatMap((outcome) => {
      const details = commonErrors[outcome]?.(operationId);
      return details ? [{ operationId, status, outcome, ...details }] : [];
    }),
  ),
);
