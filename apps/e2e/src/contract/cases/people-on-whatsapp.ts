import { owner, seedAccounts } from "@wuts/sandbox";
import { phoneWhosePictureIs } from "../../support/arrangements.ts";
import type { World } from "../../support/worlds.ts";
import { type Case, produces, type Undo } from "../case.ts";

const ana = phoneWhosePictureIs("visible");
const business = seedAccounts.find(({ description }) => description.business)?.description;
const blocked = owner.blocked?.[0] ?? "";

export const peopleOnWhatsAppCases: readonly Case[] = [
  produces("getContactProfile", 200, "person", {
    request: { query: { number: ana } },
    shows: {
      data: {
        jid: jidOf(ana),
        phone_number: ana,
        about: "At work",
        verified_name: null,
        business_profile: null,
      },
    },
  }),

  produces("getContactProfile", 200, "business", {
    request: { query: { jid: jidOf(business?.phone ?? "") } },
    shows: {
      data: {
        verified_name: business?.businessName,
        business_profile: { address: business?.business?.address, websites: business?.business?.websites },
      },
    },
  }),

  produces("getContactProfile", 400, "VALIDATION_ERROR", {
    about: "neither jid nor number",
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("checkContacts", 200, "two", {
    request: { body: { numbers: [ana, "+55 (11) 4444-4444"] } },
    shows: {
      data: {
        items: [
          { number: ana, on_whatsapp: true, jid: jidOf(ana), phone_number: ana },
          { number: "+55 (11) 4444-4444", on_whatsapp: false, jid: null, lid: null },
        ],
      },
    },
  }),

  produces("checkContacts", 200, "one-wrong", {
    request: { body: { numbers: [ana, "+974 055 12 3456"] } },
    shows: {
      data: {
        items: [
          { number: ana, on_whatsapp: true, error_code: null },
          {
            number: "+974 055 12 3456",
            on_whatsapp: null,
            error_code: "VALIDATION_ERROR",
            error: "must leave out the 0 after the country code 974",
          },
        ],
      },
    },
  }),

  produces("checkContacts", 400, "VALIDATION_ERROR", {
    about: "a number that is longer than any",
    request: { body: { numbers: [ana, "1".repeat(65)] } },
    shows: { validation: [{ field: "numbers.1" }] },
  }),

  produces("getBlocklist", 200, "one", {
    shows: { data: { items: [{}], next_cursor: null } },
  }),

  produces("getBlocklist", 200, "nobody", {
    arrange: unblockAll,
    shows: { data: { items: [], next_cursor: null } },
  }),

  produces("blockContact", 200, "blocked", {
    request: { query: { number: ana } },
    arrange: async ({ simulator }, undo) => undo(() => simulator.account(owner.phone).unblock(ana)),
    shows: { data: { jid: jidOf(ana), phone_number: ana, blocked: true } },
  }),

  produces("blockContact", 400, "VALIDATION_ERROR", {
    about: "a group",
    request: { query: { jid: "120363039000000000@g.us" } },
    shows: { validation: [{ field: "jid" }] },
  }),

  produces("blockContact", 409, "OWN_ACCOUNT", { request: { query: { number: owner.phone } } }),

  produces("unblockContact", 200, "unblocked", {
    request: { query: { number: blocked } },
    arrange: async ({ simulator }, undo) => undo(() => simulator.account(owner.phone).block(blocked)),
    shows: { data: { blocked: false } },
  }),

  produces("unblockContact", 409, "OWN_ACCOUNT", { request: { query: { number: owner.phone } } }),
];

async function unblockAll({ simulator }: World, undo: Undo): Promise<void> {
  undo(() => simulator.account(owner.phone).block(blocked));
  simulator.account(owner.phone).unblock(blocked);
}

function jidOf(phone: string): string {
  return `${phone}@s.whatsapp.net`;
}
