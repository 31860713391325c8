import { makeTenant, makeUser } from "../../support/arrangements.ts";
import { validRequest } from "../../support/valid-requests.ts";
import { type Case, type Details, produces } from "../case.ts";

export const tokenCases: readonly Case[] = [
  produces("listTokens", 200, "one", {
    request: validRequest("listTokens"),
    shows: { data: { items: [{ expires_at: null }], next_cursor: null } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("listTokens", 404, "USER_NOT_FOUND", {
    request: validRequest("listTokens"),
    ...asManager(),
  }),

  produces("createToken", 201, "created", {
    request: { ...validRequest("createToken"), body: { name: "Integration", expires_in: 7_776_000 } },
    shows: { data: { name: "Integration", last_used_at: null } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("createToken", 409, "QUOTA_REACHED", {
    world: "full",
    request: validRequest("createToken"),
    async arrange(world, undo, send) {
      const { id: user_id, token, wuts } = (await makeTenant(world, undo)).admin;
      for (const name of ["One", "Two"]) await wuts.tokens.create({ user_id, name });
      send({ token, path: { user_id } });
    },
  }),

  produces("createToken", 400, "VALIDATION_ERROR", {
    about: "gone too soon",
    request: { ...validRequest("createToken"), body: { name: "Integration", expires_in: 59 } },
    shows: { validation: [{ field: "expires_in" }] },
  }),

  produces("createToken", 404, "USER_NOT_FOUND", {
    request: validRequest("createToken"),
    ...asManager(),
  }),

  produces("deleteToken", 200, "deleted", {
    about: "the one that the request is sent with",
    request: validRequest("deleteToken"),
    shows: { data: { deleted: true } },
    async arrange(world, undo, send) {
      const { id, token, wuts } = await makeUser(world, undo);
      send({ token, path: { user_id: id, token_id: (await wuts.users.getMe()).token.id } });
    },
  }),

  produces("deleteToken", 200, "deleted", {
    about: "one that is changed for another",
    request: validRequest("deleteToken"),
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

  produces("deleteToken", 400, "VALIDATION_ERROR", {
    about: "a successor that is none",
    request: { ...validRequest("deleteToken"), query: { successor_id: "next" } },
    shows: { validation: [{ field: "successor_id" }] },
  }),

  produces("deleteToken", 404, "TOKEN_NOT_FOUND", {
    about: "another user's",
    request: validRequest("deleteToken"),
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      send({ path: { user_id: id, token_id: world.me.token.id } });
    },
  }),

  produces("deleteToken", 404, "USER_NOT_FOUND", {
    request: validRequest("deleteToken"),
    ...asManager(),
  }),

  produces("createSignInCode", 201, "created", {
    request: { ...validRequest("createSignInCode"), body: { expires_in: 86_400 } },
    arrange: async (world, undo, send) => send({ path: { user_id: (await makeUser(world, undo)).id } }),
  }),

  produces("createSignInCode", 400, "VALIDATION_ERROR", {
    about: "gone too soon",
    request: { ...validRequest("createSignInCode"), body: { expires_in: 59 } },
    shows: { validation: [{ field: "expires_in" }] },
  }),

  produces("createSignInCode", 404, "USER_NOT_FOUND", {
    request: validRequest("createSignInCode"),
    ...asManager(),
  }),

  produces("signIn", 201, "signed-in", {
    request: { body: { code: "B".repeat(43) } },
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      const { code } = await world.wuts.tokens.createSignInCode({ user_id: id, expires_in: 60 });
      send({ body: { code } });
    },
  }),

  produces("signIn", 400, "VALIDATION_ERROR", {
    about: "no code",
    request: { ...validRequest("signIn"), body: { code: "short" } },
    shows: { validation: [{ field: "code" }] },
  }),

  produces("signIn", 409, "QUOTA_REACHED", {
    world: "full",
    request: validRequest("signIn"),
    async arrange(world, undo, send) {
      const { id: user_id, wuts } = (await makeTenant(world, undo)).admin;
      const { code } = await wuts.tokens.createSignInCode({ user_id, expires_in: 60 });
      for (const name of ["One", "Two"]) await wuts.tokens.create({ user_id, name });
      send({ body: { code } });
    },
  }),

  produces("checkSignInCode", 200, "good", {
    request: { body: { code: "B".repeat(43) } },
    async arrange(world, undo, send) {
      const { id } = await makeUser(world, undo);
      const { code } = await world.wuts.tokens.createSignInCode({ user_id: id, expires_in: 60 });
      send({ body: { code } });
    },
  }),

  produces("checkSignInCode", 400, "VALIDATION_ERROR", {
    about: "no code",
    request: { ...validRequest("checkSignInCode"), body: { code: "short" } },
    shows: { validation: [{ field: "code" }] },
  }),
];

/** Managers may do much about other people, but not this. */
function asManager(): Details {
  return {
    about: "a manager asks for somebody else",
    async arrange(world, undo, send) {
      const { token } = await makeUser(world, undo, "manager");
      send({ token, path: { user_id: (await makeUser(world, undo)).id } });
    },
  };
}
