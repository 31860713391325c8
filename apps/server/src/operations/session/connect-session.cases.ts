import { ban, contractCases, disconnect, makeDevice } from "@wuts/contract-cases";

export const cases = contractCases("connectSession", ({ produces }) => [
  produces(200, "connected", {
    shows: { data: { state: "connected", paired: true } },
    arrange: disconnect,
  }),

  produces(200, "unpaired", {
    world: "empty",
    shows: { data: { state: "unpaired", paired: false } },
    arrange: makeDevice,
  }),

  produces(409, "ACCOUNT_BANNED", {
    about: "the account is banned for an hour",
    async arrange(world, undo, send) {
      send({ query: { device_id: await ban(world, undo) } });
    },
  }),

  produces(409, "ACCOUNT_BANNED", {
    about: "the account is banned for good",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(403));
    },
  }),

  produces(502, "WHATSAPP_ERROR", {
    about: "WhatsApp no longer takes this client's version",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(405));
    },
  }),

  produces(503, "WHATSAPP_UNREACHABLE", {
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.cutHandshake("hello"));
    },
  }),

  produces(502, "WHATSAPP_ERROR", {
    about: "WhatsApp answers that it is not there for anybody",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(503));
    },
  }),

  produces(504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    async arrange(world, undo) {
      await disconnect(world, undo);
      // The handshake is done, but nothing that the client asks for afterwards is answered.
      undo(world.simulator.faults.silence());
    },
  }),
]);
