import {
  contractCases,
  deleteDevicesAfterwards,
  makeDevice,
  makeTenant,
  pairingsOfFull,
  whileWaiting,
  withNewDevice,
  withPasskey,
} from "@wuts/contract-cases";

export const cases = contractCases("generateSessionQrCode", ({ produces }) => [
  produces(200, "fresh", {
    ...withNewDevice(),
    shows: { data: { cached: false } },
  }),

  produces(200, "fresh", {
    about: "a caller without a device gets one",
    world: "empty",
    shows: { data: { cached: false } },
    arrange: deleteDevicesAfterwards,
  }),

  produces(409, "DEVICE_ALREADY_PAIRED"),

  produces(
    502,
    "WHATSAPP_ERROR",
    withNewDevice((faults) => faults.refusePairing(405)),
  ),

  produces(
    503,
    "WHATSAPP_UNREACHABLE",
    withNewDevice((faults) => faults.cutHandshake("hello")),
  ),

  produces(502, "WHATSAPP_ERROR", {
    about: "WhatsApp answers that it is not there for anybody",
    ...withNewDevice((faults) => faults.refusePairing(503)),
  }),

  produces(409, "QUOTA_REACHED", {
    world: "full",
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      const { id } = await wuts.devices.create({ name: "Waits" });
      await wuts.session.generateQrCode({ device_id: id });
      send({ token, query: { device_id: (await wuts.devices.create({ name: "Another" })).id } });
    },
  }),

  produces(409, "PAIRING_ENDED", whileWaiting()),

  produces(409, "PASSKEY_REQUIRED", withPasskey()),

  produces(429, "PAIRING_LIMITED", {
    world: "full",
    request: { query: { refresh: "true" } },
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      for (let begun = 0; begun < pairingsOfFull; begun += 1)
        await wuts.session.generateQrCode({ refresh: true });
      send({ token });
    },
  }),

  produces(504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    async arrange(world, undo, send) {
      undo(world.simulator.faults.withholdQrCodes());
      send({ query: { device_id: await makeDevice(world, undo) } });
    },
  }),
]);
