import { contractCases, jidOf, keepOwnPicture } from "@wuts/contract-cases";

export const cases = contractCases("removeProfilePicture", ({ produces, accounts }) => [
  produces(200, "removed", {
    arrange: keepOwnPicture,
    shows: { data: { jid: jidOf(accounts.owner.phone), picture_id: null } },
  }),
]);
