import { owner, seedAccounts } from "@wuts/sandbox";
import { disconnect, makeDevice, occupy, untilContacts } from "../../support/arrangements.ts";
import { type Case, produces } from "../case.ts";

const ana = owner.contacts?.[0];
const anasName = seedAccounts.find(({ description }) => description.phone === ana?.phone)?.description.name;

/** What WhatsApp said of a number that nobody has is remembered for a while; nobody else asks for this one. */
const askedOnce = "5511400000001";
const question = "iq usync get/contact";

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

  // Of somebody who is known WhatsApp is not asked.
  produces("resolveContacts", 503, "DEVICE_NOT_READY", {
    request: { body: { inputs: [askedOnce] } },
    arrange: disconnect,
  }),
  produces("resolveContacts", 503, "DEVICE_BUSY", {
    world: "occupied",
    request: { body: { inputs: [askedOnce] } },
    arrange: occupy,
  }),
  produces("resolveContacts", 429, "WHATSAPP_RATE_LIMITED", {
    request: { body: { inputs: [askedOnce] } },
    arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 429)),
  }),
  produces("resolveContacts", 502, "WHATSAPP_ERROR", {
    request: { body: { inputs: [askedOnce] } },
    arrange: async ({ simulator }, undo) => undo(simulator.faults.answerError(question, 500)),
  }),
  produces("resolveContacts", 504, "WHATSAPP_TIMEOUT", {
    world: "impatient",
    request: { body: { inputs: [askedOnce] } },
    arrange: async ({ simulator }, undo) => undo(simulator.faults.silence(question)),
  }),
];
