import type { Faults } from "@wuts/whatsapp-simulator";
import type { Details, Undo } from "../case.ts";
import { askForPasskey, makeDevice, untilState } from "./devices.ts";

/** A caller with one device, which is not paired; WhatsApp may misbehave until the case is over. */
export function withNewDevice(fault?: (faults: Faults) => () => unknown): Details {
  return {
    world: "empty",
    async arrange(world, undo: Undo) {
      await makeDevice(world, undo);
      if (fault) undo(fault(world.simulator.faults));
    },
  };
}

/** A caller whose device comes to no code, for another request ends its pairing. */
export function whileWaiting(): Details {
  return {
    world: "empty",
    async arrange(world, undo) {
      const device_id = await makeDevice(world, undo);
      undo(world.simulator.faults.muteHandshake());
      const ended = untilState(world, device_id, "pairing").then(() =>
        world.wuts.session.disconnect({ device_id }),
      );
      undo(() => ended);
    },
  };
}

/** A caller whose one device was to be linked to an account that asks for a passkey. */
export function withPasskey(): Details {
  return {
    world: "empty",
    async arrange(world, undo) {
      await askForPasskey(world, undo);
    },
  };
}
