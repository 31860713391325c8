import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getContractOpenapi30", ({ produces }) => [
  produces(200, "contract", { shows: { openapi: "3.0.3", info: { title: "WUTS" } } }),
]);
