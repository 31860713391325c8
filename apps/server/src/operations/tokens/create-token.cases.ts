import { askAsManager, contractCases, makeTenant, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("createToken", ({ produces }) => [
  produces(201, "created", {
    request: { body: { name: "Integration", expires_in: 7_776_000 } },
    shows: { data: { name: "Integration", last_used_at: null } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(409, "QUOTA_REACHED", {
    world: "full",
    async arrange(world, undo, send) {
      const { id: user_id, token, wuts } = (await makeTenant(world, undo)).admin;
      for (const name of ["One", "Two"]) await wuts.tokens.create({ user_id, name });
      send({ token, path: { user_id } });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "gone too soon",
    request: { body: { name: "Integration", expires_in: 59 } },
    shows: { validation: [{ field: "expires_in" }] },
  }),

  produces(404, "USER_NOT_FOUND", {
    about: "a manager asks for another user",
    arrange: askAsManager,
  }),
]);
