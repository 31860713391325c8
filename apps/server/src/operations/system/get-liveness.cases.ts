import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getLiveness", ({ produces }) => [
  produces(200, "alive", { shows: { data: { status: "alive" } } }),
]);
