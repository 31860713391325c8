import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getMe", ({ produces }) => [
  produces(200, "admin", {
    shows: { data: { user: { role: "admin", active: true }, token: { expires_at: null } } },
  }),
]);
