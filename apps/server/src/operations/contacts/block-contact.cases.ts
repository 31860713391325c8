import { accountWithPicture, contractCases, jidOf } from "@wuts/contract-cases";

export const cases = contractCases("blockContact", ({ produces, accounts }) => {
  const ana = accountWithPicture(accounts, "visible").phone;

  return [
    produces(200, "blocked", {
      request: { query: { number: ana } },
      arrange: async ({ simulator }, undo) =>
        undo(() => simulator.account(accounts.owner.phone).unblock(ana)),
      shows: { data: { jid: jidOf(ana), phone_number: ana, blocked: true } },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "a group",
      request: { query: { jid: "120363039000000000@g.us" } },
      shows: { validation: [{ field: "jid" }] },
    }),
  ];
});
