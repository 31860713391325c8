import { contractCases } from "@wuts/contract-cases";

const newUser = { email: "ana@example.com", role: "user" };

export const cases = contractCases("createUser", ({ produces, accounts }) => [
  produces(201, "created", {
    request: { body: newUser },
    shows: { data: { user: { email: newUser.email, role: "user", active: true } } },
    async arrange({ wuts }, undo) {
      undo(async () => {
        const { items } = await wuts.users.list();
        const made = items.find(({ email }) => email === newUser.email);
        if (made) await wuts.users.delete({ user_id: made.id });
      });
    },
  }),

  produces(409, "QUOTA_REACHED", {
    world: "full",
    request: { body: newUser },
  }),

  ...Object.entries({
    email: "ana",
    role: "master",
  }).map(([field, value]) =>
    produces(400, "VALIDATION_ERROR", {
      about: `no ${field}`,
      request: { body: { ...newUser, [field]: value } },
      shows: { validation: [{ field }] },
    }),
  ),

  produces(409, "EMAIL_TAKEN", {
    about: "in capitals",
    request: { body: { ...newUser, email: accounts.takenEmail.toUpperCase() } },
  }),
]);
