import { owner } from "@wuts/sandbox";
import { disconnect, makeDevice, untilState } from "../arrangements.ts";
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
      return undefined;
    },
  }),

  produces("checkSessionStatus", 200, "ambiguous", {
    world: "empty",
    shows: { data: { device_id: null, state: null, unresolved: "DEVICE_AMBIGUOUS" } },
    async arrange(world, undo) {
      await makeDevice(world, undo);
      await makeDevice(world, undo);
      return undefined;
    },
  }),

  produces("connectSession", 200, "connected", {
    shows: { data: { state: "connected", needs_qr: false } },
    async arrange(world, undo) {
      await disconnect(world, undo);
      return undefined;
    },
  }),

  produces("connectSession", 200, "unpaired", {
    world: "empty",
    shows: { data: { state: "unpaired", needs_qr: true } },
    async arrange(world, undo) {
      await makeDevice(world, undo);
      return undefined;
    },
  }),

  produces("connectSession", 502, "WHATSAPP_ERROR", {
    about: "WhatsApp no longer takes this client's version",
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(405));
      return undefined;
    },
  }),

  produces("connectSession", 503, "WHATSAPP_UNREACHABLE", {
    async arrange(world, undo) {
      await disconnect(world, undo);
      undo(world.simulator.faults.refuseLogin(503));
      return undefined;
    },
  }),

  produces("connectSession", 504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    async arrange(world, undo) {
      await disconnect(world, undo);
      // The handshake is done, but nothing that the client asks for afterwards is answered.
      undo(world.simulator.faults.silence());
      return undefined;
    },
  }),

  produces("disconnectSession", 200, "disconnected", {
    shows: { data: { state: "disconnected" } },
    async arrange({ wuts }, undo) {
      undo(() => wuts.session.connect());
      return undefined;
    },
  }),
];
