import { accountWithPicture, contractCases } from "@wuts/contract-cases";

export const cases = contractCases("checkContacts", ({ produces, accounts }) => {
  const ana = accountWithPicture(accounts, "visible").phone;

  return [
    produces(400, "VALIDATION_ERROR", {
      about: "a number that is longer than any",
      request: { body: { numbers: [ana, "1".repeat(65)] } },
      shows: { validation: [{ field: "numbers.1" }] },
    }),
  ];
});
