import { contractCases, pairDevice } from "@wuts/contract-cases";

export const cases = contractCases("logoutSession", ({ produces }) => [
  produces(200, "unlinked", {
    shows: { data: { state: "logged_out", unlinked: true } },
    async arrange(world, undo, send) {
      const device_id = await pairDevice(world);
      undo(() => world.wuts.devices.delete({ device_id }));
      send({ query: { device_id } });
    },
  }),

  produces(200, "offline", {
    shows: { data: { state: "logged_out", unlinked: false } },
    async arrange(world, undo, send) {
      const device_id = await pairDevice(world);
      undo(() => world.wuts.devices.delete({ device_id }));
      await world.wuts.session.disconnect({ device_id });
      send({ query: { device_id } });
    },
  }),
]);
