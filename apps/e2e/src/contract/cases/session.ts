import { owner } from "@wuts/sandbox";
import { ban, disconnect, makeDevice, makeTwoDevices, untilState } from "../../support/arrangements.ts";
import { nobodysId } from "../../support/valid-requests.ts";
import { type Case, produces } from "../case.ts";

/** The connection of a device that is or was paired. */
export const sessionCases: readonly Case[] = [
  produces("checkSessionStatus", 200, "connected", {
    shows: { data: { state: "connected", is_logged_in: true, unresolved: null, candidates: [] } },
  }),

  produces("checkSessionStatus", 200, "reconnecting", {
    shows: { data: { state: "reconnecting", last_disconnect: { reason: "connection_lost", code: 428 } } },
    async arrange(world, undo) {
      undo(() => world.wuts.session.connect());
      world.simulator.faults.close(owner.phone, "tcp-drop");
      await untilState(world, world.deviceId, "reconnecting");
    },
  }),

  produces("checkSessionStatus", 200, "banned", {
    shows: { data: { state: "banned", last_disconnect: { reason: "temporarily_banned", code: 402 } } },
    async arrange(world, undo, send) {
      send({ query: { device_id: await ban(world, undo) } });
    },
  }),

  produces("checkSessionStatus", 200, "not-found", {
    request: { query: { device_id: nobodysId } },
    shows: { data: { device_id: null, state: null, unresolved: "DEVICE_NOT_FOUND", candidates: [] } },
  }),

  produces("checkSessionStatus", 200, "ambiguous", {
    world: "empty",
    shows: { data: { device_id: null, state: null, unresolved: "DEVICE_AMBIGUOUS" } },
    arrange: makeTwoDevices,
  }),

  produces("connectSession", 200, "connected", {
    shows: { data: { state: "connected", needs_qr: false } },
    arrange: disconnect,
  }),

  produces("connectSession", 200, "unpaired", {
    world: "empty",
    shows: { data: { state: "unpaired", needs_qr: true } },
    arrange: makeDevice,
  }),

  produces("connectSession", 409, "ACCOUNT_BANNED", {
    about: "the account is banned for an hour",
    async arrange(world, undo, send) {
      send({ query: { device_id: await ban(world, undo) } });
    },
  }),

  produces("connectSession", 409, "ACCOUNT_BANNED", {
    about: "the account is banned for good",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(403));
    },
  }),

  produces("connectSession", 502, "WHATSAPP_ERROR", {
    about: "WhatsApp no longer takes this client's version",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(405));
    },
  }),

  produces("connectSession", 503, "WHATSAPP_UNREACHABLE", {
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.cutHandshake("hello"));
    },
  }),

  produces("connectSession", 502, "WHATSAPP_ERROR", {
    about: "WhatsApp answers that it is not there for anybody",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(503));
    },
  }),

  produces("connectSession", 504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    async arrange(world, undo) {
      await disconnect(world, undo);
      // The handshake is done, but nothing that the client asks for afterwards is answered.
      undo(world.simulator.faults.silence());
    },
  }),

  produces("disconnectSession", 200, "disconnected", {
    shows: { data: { state: "disconnected" } },
    async arrange({ wuts }, undo) {
      undo(() => wuts.session.connect());
    },
  }),
];
