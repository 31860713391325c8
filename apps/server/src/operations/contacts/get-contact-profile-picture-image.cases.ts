import { accountWithPicture, contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getContactProfilePictureImage", ({ produces, accounts }) => {
  const { phone: number, picture } = accountWithPicture(accounts, "visible");

  return [
    produces(206, "start", {
      request: { query: { number }, headers: { Range: "bytes=0-3" } },
    }),

    produces(304, "empty", {
      request: { query: { number }, headers: { "If-None-Match": `"${picture?.id}"` } },
    }),

    produces(416, "RANGE_NOT_SATISFIABLE", {
      request: { query: { number }, headers: { Range: "bytes=1000000-" } },
    }),

    produces(400, "VALIDATION_ERROR", {
      about: "neither jid nor number",
      shows: { validation: [{ field: "jid" }] },
    }),
  ];
});
