import { owner } from "@wuts/sandbox";
import type { Faults, Undo } from "@wuts/whatsapp-simulator";
import {
  askForPasskey,
  deleteDevicesAfterwards,
  makeDevice,
  makeTenant,
  makeUserOf,
  otherPhone,
  pairDevice,
  untilState,
} from "../../support/arrangements.ts";
import { pairingsOfFull } from "../../support/worlds.ts";
import { type Case, type Details, produces } from "../case.ts";

/** What a client sends to get a pairing code, as the simulator names stanzas. */
const pairingCodeStanza = "iq md set/link_code_companion_reg";

/** Linking an account to a device, and ending that. */
export const pairingCases: readonly Case[] = [
  produces("generateSessionQrCode", 200, "fresh", {
    ...withNewDevice(),
    shows: { data: { cached: false } },
  }),

  produces("generateSessionQrCode", 200, "fresh", {
    about: "a caller without a device gets one",
    world: "empty",
    shows: { data: { cached: false } },
    arrange: deleteDevicesAfterwards,
  }),

  produces("generateSessionQrCode", 409, "DEVICE_ALREADY_PAIRED"),

  produces(
    "generateSessionQrCode",
    502,
    "WHATSAPP_ERROR",
    withNewDevice((faults) => faults.refusePairing(405)),
  ),

  produces(
    "generateSessionQrCode",
    503,
    "WHATSAPP_UNREACHABLE",
    withNewDevice((faults) => faults.cutHandshake("hello")),
  ),

  produces("generateSessionQrCode", 502, "WHATSAPP_ERROR", {
    about: "WhatsApp answers that it is not there for anybody",
    ...withNewDevice((faults) => faults.refusePairing(503)),
  }),

  produces("generateSessionQrCode", 409, "QUOTA_REACHED", {
    world: "full",
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      const { id } = await wuts.devices.create({ name: "Waits" });
      await wuts.session.generateQrCode({ device_id: id });
      send({ token, query: { device_id: (await wuts.devices.create({ name: "Another" })).id } });
    },
  }),

  produces("generateSessionQrCode", 409, "PAIRING_ENDED", whileWaiting()),

  produces("generateSessionQrCode", 409, "PASSKEY_REQUIRED", withPasskey()),

  produces("generateSessionQrCode", 429, "PAIRING_LIMITED", {
    world: "full",
    request: { query: { refresh: "true" } },
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      for (let begun = 0; begun < pairingsOfFull; begun += 1)
        await wuts.session.generateQrCode({ refresh: true });
      send({ token });
    },
  }),

  produces("generateSessionQrCode", 504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    async arrange(world, undo, send) {
      undo(world.simulator.faults.withholdQrCodes());
      send({ query: { device_id: await makeDevice(world, undo) } });
    },
  }),

  produces("getSessionQrStatus", 200, "waiting", {
    world: "empty",
    shows: { data: { exists: true } },
    async arrange(world, undo) {
      const device_id = await makeDevice(world, undo);
      await world.wuts.session.generateQrCode({ device_id });
    },
  }),

  produces("getSessionQrStatus", 200, "passkey-required", {
    ...withPasskey(),
    shows: { data: { exists: false, passkey_required: true } },
  }),

  produces("getSessionQrStatus", 200, "none", {
    shows: { data: { exists: false, generated_at: null, expires_at: null } },
  }),

  produces("generateSessionPairCode", 200, "fresh", {
    ...typing(otherPhone),
    ...withNewDevice(),
    shows: { data: { cached: false } },
  }),

  produces("generateSessionPairCode", 400, "VALIDATION_ERROR", {
    about: "a phone number that is too short",
    ...typing("12"),
    shows: { validation: [{ field: "phone" }] },
  }),

  produces("generateSessionPairCode", 409, "DEVICE_ALREADY_PAIRED", typing(owner.phone)),

  produces("generateSessionPairCode", 429, "WHATSAPP_RATE_LIMITED", {
    ...typing(otherPhone),
    ...withNewDevice((faults) => faults.answerError(pairingCodeStanza, 429)),
  }),

  produces("generateSessionPairCode", 502, "WHATSAPP_ERROR", {
    ...typing(otherPhone),
    ...withNewDevice((faults) => faults.answerError(pairingCodeStanza, 400)),
  }),

  produces("generateSessionPairCode", 503, "WHATSAPP_UNREACHABLE", {
    ...typing(otherPhone),
    ...withNewDevice((faults) => faults.cutHandshake("hello")),
  }),

  produces("generateSessionPairCode", 404, "NOT_ON_WHATSAPP", {
    ...typing("5511444444444"),
    ...withNewDevice(),
  }),

  produces("generateSessionPairCode", 409, "QUOTA_REACHED", {
    about: "of devices, by making the first one",
    world: "full",
    ...typing(otherPhone),
    async arrange(world, undo, send) {
      const { admin } = await makeTenant(world, undo);
      for (const name of ["One", "Two", "Three"]) await admin.wuts.devices.create({ name });
      send({ token: (await makeUserOf(admin)).token });
    },
  }),

  produces("generateSessionPairCode", 409, "PAIRING_ENDED", { ...typing(otherPhone), ...whileWaiting() }),

  produces("generateSessionPairCode", 409, "PASSKEY_REQUIRED", { ...typing(otherPhone), ...withPasskey() }),

  produces("generateSessionPairCode", 429, "PAIRING_LIMITED", {
    about: "for another phone",
    world: "full",
    ...typing(owner.phone),
    async arrange(world, undo, send) {
      const { token, wuts } = (await makeTenant(world, undo)).admin;
      await wuts.session.generatePairCode({ phone: otherPhone });
      send({ token });
    },
  }),

  produces("generateSessionPairCode", 504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    ...typing(otherPhone),
    async arrange(world, undo, send) {
      undo(world.simulator.faults.silence(pairingCodeStanza));
      send({ body: { device_id: await makeDevice(world, undo) } });
    },
  }),

  produces("logoutSession", 200, "unlinked", {
    shows: { data: { state: "logged_out", unlinked: true } },
    async arrange(world, undo, send) {
      const device_id = await pairDevice(world);
      undo(() => world.wuts.devices.delete({ device_id }));
      send({ query: { device_id } });
    },
  }),

  produces("logoutSession", 200, "offline", {
    shows: { data: { state: "logged_out", unlinked: false } },
    async arrange(world, undo, send) {
      const device_id = await pairDevice(world);
      undo(() => world.wuts.devices.delete({ device_id }));
      await world.wuts.session.disconnect({ device_id });
      send({ query: { device_id } });
    },
  }),
];

function typing(phone: string): Details {
  return { request: { body: { phone } } };
}

/** A caller whose device comes to no code, for another request ends its pairing. */
function whileWaiting(): Details {
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
function withPasskey(): Details {
  return {
    world: "empty",
    async arrange(world, undo) {
      await askForPasskey(world, undo);
    },
  };
}

/** A caller with one device, which is not paired; WhatsApp may misbehave until the case is over. */
function withNewDevice(fault?: (faults: Faults) => Undo): Details {
  return {
    world: "empty",
    async arrange(world, undo) {
      await makeDevice(world, undo);
      if (fault) undo(fault(world.simulator.faults));
    },
  };
}
