import { contractCases } from "@wuts/contract-cases";

export const cases = contractCases("getTenant", ({ produces }) => [
  produces(200, "tenant", {
    arrange: async ({ me }, _undo, send) => send({ path: { tenant_id: me.tenant.id } }),
  }),
]);
