import { takenEmail } from "@wuts/sandbox";
import { makeUser, pairDevice } from "../../support/arrangements.ts";
import { somePassword, validRequest } from "../../support/valid-requests.ts";
import { type Case, produces } from "../case.ts";

const newUser = { email: "ana@example.com", password: somePassword, role: "user" };

export const userCases: readonly Case[] = [
  produces("getMe", 200, "admin", {
    shows: { data: { user: { role: "admin", active: true }, token: { expires_at: null } } },
  }),

  produces("listUsers", 200, "two", {
    shows: { data: { items: [{ role: "admin" }, { role: "user" }], next_cursor: null } },
  }),

  produces("listUsers", 400, "VALIDATION_ERROR", {
    about: "a limit out of range",
    request: { query: { limit: "101" } },
    shows: { validation: [{ field: "limit" }] },
  }),

  produces("createUser", 201, "created", {
    request: { body: newUser },
    shows: { data: { user: { email: newUser.email, role: "user", active: true, webhook_url: null } } },
    async arrange({ wuts }, undo) {
      undo(async () => {
        const { items } = await wuts.users.list();
        const made = items.find(({ email }) => email === newUser.email);
        if (made) await wuts.users.delete({ user_id: made.id });
      });
    },
  }),

  produces("createUser", 409, "QUOTA_REACHED", {
    world: "full",
    request: { body: newUser },
  }),

  ...Object.entries({
    email: "ana",
    password: "too short",
    role: "master",
    webhook_url: "http://example.com/hook",
  }).map(([field, value]) =>
    produces("createUser", 400, "VALIDATION_ERROR", {
      about: `no ${field}`,
      request: { body: { ...newUser, [field]: value } },
      shows: { validation: [{ field }] },
    }),
  ),

  produces("createUser", 409, "EMAIL_TAKEN", {
    about: "in capitals",
    request: { body: { ...newUser, email: takenEmail.toUpperCase() } },
  }),

  produces("getUser", 200, "user", {
    request: validRequest("getUser"),
    shows: { data: { role: "user", active: true } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("getUser", 404, "USER_NOT_FOUND", {
    about: "a user asks for somebody else",
    request: validRequest("getUser"),
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo);
      send({ path: { user_id: world.me.user.id }, token });
    },
  }),

  produces("updateUser", 200, "disabled", {
    request: { ...validRequest("updateUser"), body: { active: false } },
    shows: { data: { role: "user", active: false } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("updateUser", 200, "changed", {
    request: { ...validRequest("updateUser"), body: { role: "user" } },
    shows: { data: { role: "user", active: true } },
    arrange: async (world, undo, send) =>
      send({ path: { user_id: (await makeUser(world, undo, "manager")).id } }),
  }),

  produces("updateUser", 400, "VALIDATION_ERROR", {
    about: "nothing to change",
    request: { ...validRequest("updateUser"), body: {} },
  }),

  produces("updateUser", 403, "FORBIDDEN", {
    about: "themselves",
    request: { ...validRequest("updateUser"), body: { active: false } },
    async arrange(world, undo, send) {
      const { id, token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: id }, token });
    },
  }),

  produces("updateUser", 403, "FORBIDDEN", {
    about: "somebody above their own role",
    request: { ...validRequest("updateUser"), body: { active: false } },
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: (await makeUser(world, undo, "admin")).id }, token });
    },
  }),

  produces("deleteUser", 200, "deleted", {
    request: validRequest("deleteUser"),
    shows: { data: { deleted: true, devices: 1, unlinked: 1 } },
    async arrange(world, undo, send) {
      const { id, wuts } = await makeUser(world, undo);
      await pairDevice(world, wuts);
      send({ path: { user_id: id } });
    },
  }),

  produces("deleteUser", 403, "FORBIDDEN", {
    about: "themselves, although there is another admin",
    request: validRequest("deleteUser"),
    async arrange(world, undo, send) {
      const { id, token } = await makeUser(world, undo, "admin");
      send({ path: { user_id: id }, token });
    },
  }),

  produces("promoteUser", 200, "promoted", {
    request: { ...validRequest("promoteUser"), body: { new_role: "manager" } },
    shows: { data: { old_role: "user", new_role: "manager" } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("promoteUser", 403, "FORBIDDEN", {
    about: "to a role above their own",
    request: { ...validRequest("promoteUser"), body: { new_role: "admin" } },
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ path: { user_id: (await makeUser(world, undo)).id }, token });
    },
  }),
];
