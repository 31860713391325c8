import { accountWithPicture, contractCases, jidOf } from "@wuts/contract-cases";

export const cases = contractCases("getContactProfilePicture", ({ produces, accounts }) => {
  const { phone: number, picture } = accountWithPicture(accounts, "visible");
  const ninthDigit = accounts.seeded.find(({ alsoReachedAs }) => alsoReachedAs);

  return [
    produces(200, "found", {
      request: { query: { number, preview: "false" } },
      shows: { data: { jid: jidOf(number), picture_id: picture?.id, type: "image", unchanged: false } },
    }),

    produces(200, "ninth-digit", {
      request: { query: { number: ninthDigit?.alsoReachedAs?.[0] ?? "" } },
      shows: { data: { jid: jidOf(ninthDigit?.phone ?? ""), picture_id: ninthDigit?.picture?.id } },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "neither jid nor number",
      shows: { validation: [{ field: "jid" }] },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "a jid that is none",
      request: { query: { jid: "x" } },
      shows: { validation: [{ field: "jid" }] },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "a flag that is none",
      request: { query: { number, preview: "2" } },
      shows: { validation: [{ field: "preview" }] },
    }),
  ];
});
