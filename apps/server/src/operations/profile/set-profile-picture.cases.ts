import { contractCases, jidOf, keepOwnPicture } from "@wuts/contract-cases";

export const cases = contractCases("setProfilePicture", ({ produces, accounts }) => [
  produces(200, "set", {
    arrange: keepOwnPicture,
    shows: { data: { jid: jidOf(accounts.owner.phone) } },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "what is no base64",
    request: { body: { image: "no base64" } },
    shows: { validation: [{ field: "image" }] },
  }),
]);
