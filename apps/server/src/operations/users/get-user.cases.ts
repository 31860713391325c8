import { contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("getUser", ({ produces }) => [
  produces(200, "user", {
    shows: { data: { role: "user", active: true } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(404, "USER_NOT_FOUND", {
    about: "a user asks for another user",
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo);
      send({ path: { user_id: world.me.user.id }, token });
    },
  }),
]);
