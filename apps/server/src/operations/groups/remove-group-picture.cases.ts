import { contractCases, groupJid, keepGroupPicture } from "@wuts/contract-cases";

export const cases = contractCases("removeGroupPicture", ({ produces, accounts }) => [
  produces(200, "removed", {
    arrange: keepGroupPicture,
    shows: { data: { jid: groupJid(accounts, "group"), picture_id: null } },
  }),
]);
