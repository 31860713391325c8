import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getDevice", ({ produces }) => [
  produces(200, "connected", {
    shows: { data: { state: "connected", connected: true } },
    arrange: async ({ deviceId }, _undo, send) => send({ path: { device_id: deviceId } }),
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "an id that is none",
    request: { path: { device_id: "no-uuid" } },
    shows: { validation: [{ field: "device_id" }] },
  }),
]);
