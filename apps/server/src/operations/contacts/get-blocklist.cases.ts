import { contractCases, type Undo, type World } from "@wuts/contract-cases";

export const cases = contractCases("getBlocklist", ({ produces }) => [
  produces(200, "one", {
    shows: { data: { items: [{}], next_cursor: null } },
  }),

  produces(200, "nobody", {
    arrange: unblockAll,
    shows: { data: { items: [], next_cursor: null } },
  }),
]);

async function unblockAll({ simulator, accounts: { owner } }: World, undo: Undo): Promise<void> {
  for (const phone of owner.blocked ?? []) {
    undo(() => simulator.account(owner.phone).block(phone));
    simulator.account(owner.phone).unblock(phone);
  }
}
