import {
  contractCases,
  makeDevice,
  makeTenant,
  makeUserOf,
  otherPhone,
  whileWaiting,
  withNewDevice,
  withPasskey,
} from "@wuts/contract-cases";

/** The stanza that a client sends to get a pairing code, as the simulator names stanzas. */
const pairingCodeStanza = "iq md set/link_code_companion_reg";

export const cases = contractCases("generateSessionPairCode", ({ produces, accounts }) => {
  const { owner, unregistered } = accounts;
  const request = { body: { number: otherPhone(accounts) } };

  return [
    produces(200, "fresh", {
      request,
      ...withNewDevice(),
      shows: { data: { cached: false } },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "a phone number that is too short",
      request: { body: { number: "12" } },
      shows: { validation: [{ field: "number" }] },
    }),

    produces(409, "DEVICE_ALREADY_PAIRED", { request: { body: { number: owner.phone } } }),

    produces(429, "WHATSAPP_RATE_LIMITED", {
      request,
      ...withNewDevice((faults) => faults.answerError(pairingCodeStanza, 429)),
    }),

    produces(502, "WHATSAPP_ERROR", {
      request,
      ...withNewDevice((faults) => faults.answerError(pairingCodeStanza, 400)),
    }),

    produces(503, "WHATSAPP_UNREACHABLE", {
      request,
      ...withNewDevice((faults) => faults.cutHandshake("hello")),
    }),

    produces(404, "NOT_ON_WHATSAPP", {
      request: { body: { number: unregistered } },
      ...withNewDevice(),
    }),

    produces(409, "QUOTA_REACHED", {
      about: "of devices, by making the first one",
      world: "full",
      request,
      async arrange(world, undo, send) {
        const { admin } = await makeTenant(world, undo);
        for (const name of ["One", "Two", "Three"]) await admin.wuts.devices.create({ name });
        send({ token: (await makeUserOf(admin)).token });
      },
    }),

    produces(409, "PAIRING_ENDED", { request, ...whileWaiting() }),

    produces(409, "PASSKEY_REQUIRED", { request, ...withPasskey() }),

    produces(429, "PAIRING_LIMITED", {
      about: "for another phone",
      world: "full",
      request: { body: { number: owner.phone } },
      async arrange(world, undo, send) {
        const { token, wuts } = (await makeTenant(world, undo)).admin;
        await wuts.session.generatePairCode({ number: otherPhone(accounts) });
        send({ token });
      },
    }),

    produces(504, "WHATSAPP_TIMEOUT", {
      world: "impatient",
      request,
      async arrange(world, undo, send) {
        undo(world.simulator.faults.silence(pairingCodeStanza));
        send({ query: { device_id: await makeDevice(world, undo) } });
      },
    }),
  ];
});
