import { contractCases, makeUser, pairDevice } from "@wuts/contract-cases";

export const cases = contractCases("deleteUser", ({ produces }) => [
  produces(200, "deleted", {
    shows: { data: { deleted: true, devices: 1, unlinked: 1 } },
    async arrange(world, undo, send) {
      const { id, wuts } = await makeUser(world, undo);
      await pairDevice(world, wuts);
      send({ path: { user_id: id } });
    },
  }),

  produces(403, "FORBIDDEN", {
    about: "themselves, although there is another admin",
    async arrange(world, undo, send) {
      const { id, token } = await makeUser(world, undo, "admin");
      send({ path: { user_id: id }, token });
    },
  }),
]);
