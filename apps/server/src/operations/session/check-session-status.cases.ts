import { ban, contractCases, makeTwoDevices, untilState } from "@wuts/contract-cases";

export const cases = contractCases("checkSessionStatus", ({ produces }) => [
  produces(200, "connected", {
    shows: { data: { state: "connected", paired: true, unresolved: null, candidates: [] } },
  }),

  produces(200, "reconnecting", {
    shows: { data: { state: "reconnecting", last_disconnect: { reason: "connection_lost", code: 428 } } },
    async arrange(world, undo) {
      undo(() => world.wuts.session.connect());
      world.simulator.faults.close(world.accounts.owner.phone, "tcp-drop");
      await untilState(world, world.deviceId, "reconnecting");
    },
  }),

  produces(200, "banned", {
    shows: { data: { state: "banned", last_disconnect: { reason: "temporarily_banned", code: 402 } } },
    async arrange(world, undo, send) {
      send({ query: { device_id: await ban(world, undo) } });
    },
  }),

  produces(200, "ambiguous", {
    world: "empty",
    shows: { data: { device_id: null, state: null, unresolved: "DEVICE_AMBIGUOUS" } },
    arrange: makeTwoDevices,
  }),
]);
