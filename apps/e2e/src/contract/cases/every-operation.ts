import { type ErrorCode, type OperationDescription, type OperationId, operations } from "@wuts/contract";
import {
  type Case,
  type Details,
  disconnect,
  exhaustAddress,
  exhaustSignIns,
  exhaustToken,
  fill,
  makeDevice,
  makeDeviceElsewhere,
  makeTwoDevices,
  makeUser,
  occupy,
  unknownId,
  validRequest,
} from "@wuts/contract-cases";
import type { SimulatorEventMap } from "@wuts/whatsapp-simulator";
import { holdKey, spendKey } from "../../support/keys.ts";

type Stanza = SimulatorEventMap["stanza"][0]["stanza"];

type Errors = Partial<
  Record<ErrorCode, (operationId: OperationId, operation: OperationDescription) => Details>
>;

/** Errors that every operation which documents them comes to in the same way. */
const commonErrors: Errors = {
  VALIDATION_ERROR: (operationId) => {
    const request = validRequest(operationId);
    return {
      about: "an unknown query parameter",
      request: { ...request, query: { ...request.query, colour: "red" } },
      shows: { validation: [{ field: "colour" }] },
    };
  },

  UNAUTHORIZED: (operationId) => ({ request: { ...validRequest(operationId), token: false } }),

  FORBIDDEN: (operationId, { role }) => ({
    about: "a role that is too low",
    request: validRequest(operationId),
    arrange: async (world, undo, send) =>
      send({ token: role === "master" ? world.token : (await makeUser(world, undo)).token }),
  }),

  RATE_LIMITED: (operationId, { role, hasBody, path }) => ({
    world: "limited",
    request: validRequest(operationId),
    async arrange(world, _undo, send) {
      // There is one of these tokens only, but used up twice it is as used up as before.
      if (role === "master") return exhaustToken(world, "/tenants", world.masterToken);
      if (role === "metrics") return exhaustToken(world, "/metrics", world.metricsToken);
      if (role === "public") return hasBody ? exhaustSignIns(world) : exhaustAddress(world, path);
      const { user } = world.me;
      const { token } = await world.wuts.tokens.create({ user_id: user.id, name: operationId });
      await exhaustToken(world, "/me", token);
      send({ token });
    },
  }),

  USER_NOT_FOUND: (operationId) => ({ request: validRequest(operationId) }),

  TOKEN_NOT_FOUND: (operationId) => ({
    request: validRequest(operationId),
    arrange: async ({ me }, _undo, send) => send({ path: { user_id: me.user.id } }),
  }),

  TENANT_NOT_FOUND: (operationId) => ({ request: validRequest(operationId) }),

  NOT_FOUND: (operationId) => ({ world: "masterless", request: validRequest(operationId) }),

  LAST_ADMIN: (operationId) => ({
    about: "of themselves",
    request: validRequest(operationId),
    arrange: async ({ me }, _undo, send) => send({ path: { user_id: me.user.id } }),
  }),

  DEVICE_NOT_FOUND: (operationId) => ({ request: validRequest(operationId, unknownId) }),

  DEVICE_AMBIGUOUS: (operationId) => ({
    world: "empty",
    request: validRequest(operationId),
    arrange: makeTwoDevices,
  }),

  DEVICE_ELSEWHERE: (operationId) => ({
    world: "empty",
    request: validRequest(operationId, unknownId),
    arrange: async (world, undo, send) =>
      send(validRequest(operationId, await makeDeviceElsewhere(world, undo))),
  }),

  IDEMPOTENCY_KEY_REUSED: (operationId, operation) => ({
    request: validRequest(operationId),
    arrange: async (world, undo, send) => send({ headers: await spendKey(world, undo, operation) }),
  }),

  IDEMPOTENCY_KEY_IN_USE: (operationId, operation) => {
    const request = validRequest(operationId);
    return {
      world: "holding",
      request,
      arrange: async (world, undo, send) => send({ headers: await holdKey(world, undo, operation, request) }),
    };
  },

  PAYLOAD_TOO_LARGE: (operationId, { hasPicture }) => {
    const request = validRequest(operationId);
    const name = "x".repeat(hasPicture ? 8_000_000 : 200_000);
    return { request: { ...request, body: { ...request.body, name } } };
  },

  UNSUPPORTED_MEDIA_TYPE: (operationId) => ({
    request: { ...validRequest(operationId), headers: { "Content-Type": "text/plain" } },
  }),

  STORAGE_UNAVAILABLE: (operationId) => ({
    world: "storageless",
    request: validRequest(operationId),
  }),

  SERVER_BUSY: (operationId) => ({
    world: "crowded",
    request: validRequest(operationId),
    arrange: fill,
  }),

  INTERNAL_ERROR: (operationId) => ({
    world: "failing",
    request: validRequest(operationId),
    shows: { error: "internal error" },
  }),
};

/** Any question but the one that only asks whether the connection lives. */
const question = ({ tag, attrs }: Stanza) => tag === "iq" && attrs.xmlns !== "w:p";

/** Errors that most operations on a device come to in the same way: whatever it asks, WhatsApp does not answer well. */
const deviceErrors: Errors = {
  DEVICE_NOT_PAIRED: (operationId) => ({
    world: "empty",
    request: validRequest(operationId),
    arrange: makeDevice,
  }),

  DEVICE_NOT_READY: (operationId) => ({ request: validRequest(operationId), arrange: disconnect }),

  DEVICE_BUSY: (operationId) => ({
    world: "occupied",
    request: validRequest(operationId),
    arrange: occupy,
  }),

  WHATSAPP_RATE_LIMITED: (operationId) => ({
    request: validRequest(operationId),
    arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 429)),
  }),

  WHATSAPP_ERROR: (operationId) => ({
    request: validRequest(operationId),
    arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 500)),
  }),

  WHATSAPP_TIMEOUT: (operationId) => ({
    world: "impatient",
    request: validRequest(operationId),
    arrange: async ({ simulator }, undo) => undo(simulator.faults.silence(question)),
  }),
};

/** For every operation that documents them. */
export const commonCases: readonly Case[] = casesOf(commonErrors);

/** For every operation that documents them and has no case of its own for them. */
export const usualDeviceCases: readonly Case[] = casesOf(deviceErrors);

function casesOf(errors: Errors): Case[] {
  return operations.flatMap((operation) =>
    operation.responses.flatMap(({ status, errorCodes }) =>
      errorCodes.flatMap((outcome) => {
        const { operationId } = operation;
        const details = errors[outcome]?.(operationId, operation);
        return details ? [{ operationId, status, outcome, ...details }] : [];
      }),
    ),
  );
}
