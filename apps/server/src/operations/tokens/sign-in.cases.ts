import { contractCases, makeTenant, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("signIn", ({ produces }) => [
  produces(201, "signed-in", {
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

  produces(409, "QUOTA_REACHED", {
    world: "full",
    async arrange(world, undo, send) {
      const { id: user_id, wuts } = (await makeTenant(world, undo)).admin;
      const { code } = await wuts.tokens.createSignInCode({ user_id, expires_in: 60 });
      for (const name of ["One", "Two"]) await wuts.tokens.create({ user_id, name });
      send({ body: { code } });
    },
  }),
]);
