import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getContractJson", ({ produces }) => [
  produces(200, "contract", { shows: { info: { title: "WUTS" } } }),
]);
