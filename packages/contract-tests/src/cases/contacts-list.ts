import { owner, people } from "@wuts/sandbox";
import type { StanzaMatcher } from "@wuts/whatsapp-simulator";
import { disconnect, makeDevice, occupy, untilContacts } from "../arrangements.ts";
import { type Case, type Details, produces } from "../case.ts";

const ana = owner.contacts?.[0];
const anasName = people.find(({ description }) => description.phone === ana?.phone)?.description.name;

/** What WhatsApp said of a number that nobody has is remembered for a while; nobody else asks for this one. */
const askedOnce = "5511400000001";

/** What takes a question to WhatsApp; how WhatsApp's answers are made to go wrong is the same for each of them. */
const asked = [
  { operationId: "resolveContacts", body: { inputs: [askedOnce] }, question: "iq usync get/contact" },
  { operationId: "syncAppState", body: { scopes: ["contacts"] }, question: "iq w:sync:app:state set" },
] as const;

export const contactListCases: readonly Case[] = [
  produces("listContacts", 200, "one", {
    request: { query: { search: "SOUZA" } },
    arrange: (world) => untilContacts(world),
    shows: {
      data: { items: [{ phone_number: ana?.phone, full_name: ana?.fullName, first_name: ana?.firstName }] },
    },
  }),

  produces("listContacts", 200, "none", {
    world: "empty",
    arrange: makeDevice,
    shows: { data: { items: [], next_cursor: null } },
  }),

  produces("resolveContacts", 200, "mixed", {
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

  produces("syncAppState", 200, "synced", {
    request: { body: { scopes: ["contacts"], full: true } },
    shows: { data: { scopes: ["contacts"], full: true } },
  }),

  ...asked.flatMap(({ operationId, body, question }) => {
    const request = { body };
    return [
      produces(operationId, 409, "DEVICE_NOT_PAIRED", { world: "empty", request, arrange: makeDevice }),
      produces(operationId, 429, "WHATSAPP_RATE_LIMITED", { request, ...refused(question, 429) }),
      produces(operationId, 502, "WHATSAPP_ERROR", { request, ...refused(question, 500) }),
      produces(operationId, 503, "DEVICE_NOT_READY", { request, arrange: disconnect }),
      produces(operationId, 503, "DEVICE_BUSY", {
        world: "occupied",
        request,
        arrange: occupy,
      }),
      produces(operationId, 504, "WHATSAPP_TIMEOUT", {
        world: "impatient",
        request,
        arrange: async ({ simulator }, undo) => undo(simulator.faults.silence(question)),
      }),
    ];
  }),
];

function refused(question: StanzaMatcher, code: number): Details {
  return { arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, code)) };
}
