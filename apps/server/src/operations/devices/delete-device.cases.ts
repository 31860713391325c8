import { contractCases, pairDevice } from "@wuts/contract-cases";

export const cases = contractCases("deleteDevice", ({ produces }) => [
  produces(200, "unlinked", {
    shows: { data: { deleted: true, unlinked: true } },
    arrange: async (world, _undo, send) => send({ path: { device_id: await pairDevice(world) } }),
  }),

  produces(200, "offline", {
    shows: { data: { deleted: true, unlinked: false } },
    async arrange(world, _undo, send) {
      const device_id = await pairDevice(world);
      await world.wuts.session.disconnect({ device_id });
      send({ path: { device_id } });
    },
  }),
]);
