import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("unblockContact", ({ produces, accounts }) => {
  const { owner } = accounts;
  const [blocked = ""] = owner.blocked ?? [];

  return [
    produces(200, "unblocked", {
      request: { query: { number: blocked } },
      arrange: async ({ simulator }, undo) => undo(() => simulator.account(owner.phone).block(blocked)),
      shows: { data: { blocked: false } },
    }),
  ];
});
