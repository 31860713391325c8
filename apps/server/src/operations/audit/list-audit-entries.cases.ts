import { contractCases, makeUser } from "@wuts/contract-cases";

export const cases = contractCases("listAuditEntries", ({ produces }) => [
  produces(200, "two", {
    shows: {
      data: {
        items: [
          {
            action: "user.updated",
            actor: { type: "user" },
            details: { old_role: "user", new_role: "manager" },
          },
        ],
        next_cursor: null,
      },
    },
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      await world.wuts.users.update({ user_id: id, role: "manager" });
      send({ query: { target_id: id, user_id: world.me.user.id } });
    },
  }),

  produces(400, "VALIDATION_ERROR", {
    about: "an id that is none",
    request: { query: { target_id: "no-uuid" } },
    shows: { validation: [{ field: "target_id" }] },
  }),
]);
