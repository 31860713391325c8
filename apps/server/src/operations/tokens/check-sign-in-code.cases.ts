import { contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("checkSignInCode", ({ produces }) => [
  produces(200, "good", {
    request: { body: { code: "B".repeat(43) } },
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      const { code } = await world.wuts.tokens.createSignInCode({ user_id: id, expires_in: 60 });
      send({ body: { code } });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "no code",
    request: { body: { code: "short" } },
    shows: { validation: [{ field: "code" }] },
  }),
]);
