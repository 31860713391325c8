import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("syncAppState", ({ produces }) => [
  produces(200, "synced", {
    request: { body: { scopes: ["contacts"], full: true } },
    shows: { data: { scopes: ["contacts"], full: true } },
  }),
]);
