import { contractCases, makeDevice, withPasskey } from "@wuts/contract-cases";

export const cases = contractCases("getSessionQrStatus", ({ produces }) => [
  produces(200, "waiting", {
    world: "empty",
    shows: { data: { exists: true } },
    async arrange(world, undo) {
      const device_id = await makeDevice(world, undo);
      await world.wuts.session.generateQrCode({ device_id });
    },
  }),

  produces(200, "passkey-required", {
    ...withPasskey(),
    shows: { data: { exists: false, passkey_required: true } },
  }),

  produces(200, "none", {
    shows: { data: { exists: false, generated_at: null, expires_at: null } },
  }),
]);
