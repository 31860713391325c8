import { type ErrorCode, type OperationDescription, operations } from "@wuts/contract";
import { makeDevice } from "../arrangements.ts";
import type { Case, Details } from "../case.ts";
import { nobodysDevice, validRequest } from "../valid-requests.ts";

/** Errors that every operation which documents them comes to in the same way. */
const commonErrors: Partial<Record<ErrorCode, (operation: OperationDescription) => Details>> = {
  VALIDATION_ERROR: (operation) => {
    const request = requestOf(operation);
    return {
      about: "an unknown query parameter",
      request: { ...request, query: { ...request.query, colour: "red" } },
      shows: { validation: [{ field: "colour" }] },
    };
  },

  UNAUTHORIZED: (operation) => ({ request: { ...requestOf(operation), token: false } }),

  DEVICE_NOT_FOUND: (operation) => ({ request: requestOf(operation, nobodysDevice) }),

  DEVICE_AMBIGUOUS: (operation) => ({
    world: "empty",
    request: requestOf(operation),
    arrange: async (world, undo) => {
      await makeDevice(world, undo);
      await makeDevice(world, undo);
      return undefined;
    },
  }),

  PAYLOAD_TOO_LARGE: (operation) => {
    const request = requestOf(operation);
    return { request: { ...request, body: { ...request.body, name: "x".repeat(200_000) } } };
  },

  UNSUPPORTED_MEDIA_TYPE: (operation) => ({
    request: { ...requestOf(operation), headers: { "Content-Type": "text/plain" } },
  }),

  INTERNAL_ERROR: (operation) => ({
    world: "failing",
    request: requestOf(operation, nobodysDevice),
    shows: { error: "internal error" },
  }),
};

const descriptions = operations.map((operation) => ({ ...operation, id: operation.operationId }));

export const commonCases: readonly Case[] = descriptions.flatMap((operation) =>
  operation.responses.flatMap(({ status, errorCodes }) =>
    errorCodes.flatMap((outcome) => {
      const details = commonErrors[outcome]?.(operation);
      return details ? [{ operationId: operation.operationId, status, outcome, ...details }] : [];
    }),
  ),
);
