import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { mayActAs, type Role, roles } from "../roles.ts";
import { type Answer, type CallOptions, textAt } from "../test-support/call.ts";
import { type Person, startWorld, type World } from "../test-support/world.ts";

/** Whom each role may change, and whom it may make them. Everything below follows from this. */
const reach: Record<Role, readonly Role[]> = {
  user: [],
  manager: ["user", "manager"],
  admin: ["user", "manager", "admin"],
};

interface Try {
  readonly what: string;
  /** The status for a caller with one role and a target with another. */
  status(caller: Role, target: Role): number;
  request(target: Person): { path: string } & CallOptions;
}

const mayChange = (caller: Role, target: Role) => (reach[caller].includes(target) ? 200 : 403);
const mayGive = (caller: Role, target: Role, given: Role) =>
  reach[caller].includes(target) && reach[caller].includes(given) ? 200 : 403;
const adminOr404 = (success: number) => (caller: Role) => (caller === "admin" ? success : 404);

const tries: readonly Try[] = [
  {
    what: "GET /users/{user_id}",
    status: (caller) => (caller === "user" ? 404 : 200),
    request: ({ id }) => ({ path: `/users/${id}` }),
  },
  {
    what: "PUT /users/{user_id} that disables",
    status: mayChange,
    request: ({ id }) => ({ path: `/users/${id}`, method: "PUT", body: { active: false } }),
  },
  ...roles.flatMap((given): Try[] => [
    {
      what: `PUT /users/{user_id} that makes a ${given}`,
      status: (caller, target) => mayGive(caller, target, given),
      request: ({ id }) => ({ path: `/users/${id}`, method: "PUT", body: { role: given } }),
    },
    {
      what: `POST /users/{user_id}/promote to ${given}`,
      status: (caller, target) => mayGive(caller, target, given),
      request: ({ id }) => ({ path: `/users/${id}/promote`, method: "POST", body: { new_role: given } }),
    },
  ]),
  {
    what: "DELETE /users/{user_id}",
    status: (caller) => (caller === "admin" ? 200 : 403),
    request: ({ id }) => ({ path: `/users/${id}`, method: "DELETE" }),
  },
  {
    what: "GET /users/{user_id}/tokens",
    status: adminOr404(200),
    request: ({ id }) => ({ path: `/users/${id}/tokens` }),
  },
  {
    what: "POST /users/{user_id}/tokens",
    status: adminOr404(201),
    request: ({ id }) => ({ path: `/users/${id}/tokens`, method: "POST", body: { name: "CI" } }),
  },
];

describe("What callers may do to others", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const stateOf = async ({ id }: Person) => [
    await world.rows("select * from users where id = ?", id),
    await world.rows("select * from tokens where user_id = ?", id),
    await world.rows("select * from audit where target_id = ?", id),
  ];

  for (const { what, status, request } of tries) {
    for (const caller of roles) {
      it(`${what}, as ${caller}: ${roles.map((role) => `${role} ${status(caller, role)}`).join(", ")}`, async () => {
        for (const targetRole of roles) {
          const target = await world.addPerson(targetRole);
          const before = await stateOf(target);
          const { path, ...options } = request(target);
          const answer: Answer = await world.call(path, { ...options, token: await world.addUser(caller) });
          const expected = status(caller, targetRole);
          assert.equal(answer.status, expected, `${targetRole}: ${JSON.stringify(answer.body)}`);
          if (expected >= 400) assert.deepEqual(await stateOf(target), before, targetRole);
        }
      });
    }
  }

  for (const caller of roles) {
    it(`to a device of theirs, as ${caller}`, async () => {
      for (const owner of roles) {
        const { token } = await world.addPerson(owner);
        const device = await world.createDevice("Theirs", token);
        const expected = mayActAs(caller, "manager") ? 200 : 404;
        const callerToken = await world.addUser(caller);
        for (const method of ["GET", "DELETE"]) {
          const { status } = await world.call(`/devices/${device}`, { method, token: callerToken });
          assert.equal(status, expected, `${method} of a ${owner}'s`);
        }
        assert.equal(
          (await world.rows("select id from devices where id = ?", device)).length,
          expected === 200 ? 0 : 1,
        );
      }
    });
  }

  it("and nobody reaches a device of another tenant", async () => {
    const { token } = await world.addPerson("user", await world.addTenant());
    const device = await world.createDevice("Elsewhere", token);
    for (const caller of roles) {
      const answer = await world.call(`/devices/${device}`, { token: await world.addUser(caller) });
      assert.equal(answer.status, 404);
      assert.equal(textAt(answer.body, "error_code"), "DEVICE_NOT_FOUND");
    }
  });

  it("and nobody's device is meant when none is named", async () => {
    const { token } = await world.addPerson();
    await world.createDevice("Theirs", token);
    const answer = await world.call("/disconnect", { method: "POST", token: await world.addUser("manager") });
    assert.equal(answer.status, 404);
  });
});
