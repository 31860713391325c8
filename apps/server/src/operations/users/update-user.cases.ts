import { contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("updateUser", ({ produces }) => [
  produces(200, "disabled", {
    request: { body: { active: false } },
    shows: { data: { role: "user", active: false } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(200, "changed", {
    request: { body: { role: "manager" } },
    shows: { data: { role: "manager", active: true } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "nothing to change",
    request: { body: {} },
  }),

  produces(403, "FORBIDDEN", {
    about: "to a role above their own",
    request: { body: { role: "admin" } },
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: (await makeUser(world, undo)).id }, token });
    },
  }),

  produces(403, "FORBIDDEN", {
    about: "themselves",
    request: { body: { active: false } },
    async arrange(world, undo, send) {
      const { id, token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: id }, token });
    },
  }),

  produces(403, "FORBIDDEN", {
    about: "a user with a higher role",
    request: { body: { active: false } },
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: (await makeUser(world, undo, "admin")).id }, token });
    },
  }),
]);
