import { askAsManager, contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("createSignInCode", ({ produces }) => [
  produces(201, "created", {
    request: { body: { expires_in: 86_400 } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "gone too soon",
    request: { body: { expires_in: 59 } },
    shows: { validation: [{ field: "expires_in" }] },
  }),

  produces(404, "USER_NOT_FOUND", {
    about: "a manager asks for another user",
    arrange: askAsManager,
  }),
]);
