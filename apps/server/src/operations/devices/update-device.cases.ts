import { contractCases, makeDevice } from "@wuts/contract-cases";

export const cases = contractCases("updateDevice", ({ produces }) => [
  produces(200, "paced", {
    request: { body: { name: "Reception", picture_pace_per_minute: 60 } },
    shows: { data: { name: "Reception", picture_pace_per_minute: 60 } },
    arrange: async (world, undo, send) => send({ path: { device_id: await makeDevice(world, undo) } }),
  }),

  produces(200, "as-the-server", {
    request: { body: { picture_pace_per_minute: null } },
    shows: { data: { state: "connected", picture_pace_per_minute: null } },
    async arrange({ wuts, deviceId: device_id }, _undo, send) {
      await wuts.devices.update({ device_id, picture_pace_per_minute: 60 });
      send({ path: { device_id } });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "nothing to change",
    request: { body: {} },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a pace of none",
    request: { body: { picture_pace_per_minute: 0 } },
    shows: { validation: [{ field: "picture_pace_per_minute" }] },
  }),
]);
