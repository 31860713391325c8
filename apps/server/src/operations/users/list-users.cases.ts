import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("listUsers", ({ produces }) => [
  produces(200, "two", {
    shows: { data: { items: [{ role: "admin" }, { role: "user" }], next_cursor: null } },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a limit out of range",
    request: { query: { limit: "101" } },
    shows: { validation: [{ field: "limit" }] },
  }),
]);
