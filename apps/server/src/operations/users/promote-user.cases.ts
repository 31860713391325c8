import { contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("promoteUser", ({ produces }) => [
  produces(200, "promoted", {
    request: { body: { new_role: "manager" } },
    shows: { data: { old_role: "user", new_role: "manager" } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(403, "FORBIDDEN", {
    about: "to a role above their own",
    request: { body: { new_role: "admin" } },
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: (await makeUser(world, undo)).id }, token });
    },
  }),
]);
