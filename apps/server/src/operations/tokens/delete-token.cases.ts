import { askAsManager, contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("deleteToken", ({ produces }) => [
  produces(200, "deleted", {
    about: "the one that the request is sent with",
    shows: { data: { deleted: true } },
    async arrange(world, undo, send) {
      const { id, token, wuts } = await makeUser(world, undo);
      send({ token, path: { user_id: id, token_id: (await wuts.users.getMe()).token.id } });
    },
  }),

  produces(200, "deleted", {
    about: "one that is changed for another",
    shows: { data: { deleted: true } },
    async arrange(world, undo, send) {
      const { id, token, wuts } = await makeUser(world, undo);
      const successor = await wuts.tokens.create({ user_id: id, name: "Next" });
      send({
        token,
        path: { user_id: id, token_id: (await wuts.users.getMe()).token.id },
        query: { successor_id: successor.id },
      });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "a successor that is none",
    request: { query: { successor_id: "next" } },
    shows: { validation: [{ field: "successor_id" }] },
  }),

  produces(404, "TOKEN_NOT_FOUND", {
    about: "another user's",
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      send({ path: { user_id: id, token_id: world.me.token.id } });
    },
  }),

  produces(404, "USER_NOT_FOUND", {
    about: "a manager asks for another user",
    arrange: askAsManager,
  }),
]);
