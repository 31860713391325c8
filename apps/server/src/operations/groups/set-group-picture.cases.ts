import { contractCases, groupJid, jidOf, keepGroupPicture } from "@wuts/contract-cases";

export const cases = contractCases("setGroupPicture", ({ produces, accounts }) => [
  produces(200, "set", {
    arrange: keepGroupPicture,
    shows: { data: { jid: groupJid(accounts, "group") } },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a contact instead of a group",
    request: { path: { jid: jidOf(accounts.owner.phone) } },
    shows: { validation: [{ field: "jid" }] },
  }),
]);
