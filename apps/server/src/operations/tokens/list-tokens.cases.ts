import { askAsManager, contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("listTokens", ({ produces }) => [
  produces(200, "one", {
    shows: { data: { items: [{ expires_at: null }], next_cursor: null } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(404, "USER_NOT_FOUND", {
    about: "a manager asks for another user",
    arrange: askAsManager,
  }),
]);
