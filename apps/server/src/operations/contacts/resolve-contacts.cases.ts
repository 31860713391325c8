import { contractCases, disconnect, occupy, untilContacts } from "@wuts/contract-cases";

/** The result for an unregistered number is cached for a while; no other case asks for this number. */
const askedOnce = "5511400000001";
const question = "iq usync get/contact";

export const cases = contractCases("resolveContacts", ({ produces, accounts }) => {
  const [ana] = accounts.owner.contacts ?? [];
  const anasName = accounts.seeded.find(({ phone }) => phone === ana?.phone)?.name;

  return [
    produces(200, "mixed", {
      request: { body: { inputs: [ana?.phone, "112233445566780@lid"] } },
      arrange: (world) => untilContacts(world),
      shows: {
        data: {
          items: [
            { found: true, phone_number: ana?.phone, full_name: ana?.fullName, push_name: anasName },
            { found: false, jid: "112233445566780@lid", phone_number: null },
          ],
        },
      },
    }),

    // The server does not query WhatsApp for a known contact.
    produces(503, "DEVICE_NOT_READY", {
      request: { body: { inputs: [askedOnce] } },
      arrange: disconnect,
    }),

    produces(503, "DEVICE_BUSY", {
      world: "occupied",
      request: { body: { inputs: [askedOnce] } },
      arrange: occupy,
    }),

    produces(429, "WHATSAPP_RATE_LIMITED", {
      request: { body: { inputs: [askedOnce] } },
      arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 429)),
    }),

    produces(502, "WHATSAPP_ERROR", {
      request: { body: { inputs: [askedOnce] } },
      arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 500)),
    }),

    produces(504, "WHATSAPP_TIMEOUT", {
      world: "impatient",
      request: { body: { inputs: [askedOnce] } },
      arrange: async ({ simulator }, undo) => undo(simulator.faults.silence(question)),
    }),
  ];
});
