import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Role, roles } from "../kernel/roles.ts";
import { type Answer, type CallOptions, dataOf, listAt, textAt, withoutIds } from "../test-support/call.ts";
import { type Person, startWorld, type World } from "../test-support/world.ts";
import { deviceRequests } from "../test-support/worlds/device-requests.ts";

/** The users that each role may change, and the roles it may give them. Everything below follows from this. */
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
    what: "PATCH /users/{user_id} that disables",
    status: mayChange,
    request: ({ id }) => ({ path: `/users/${id}`, method: "PATCH", body: { active: false } }),
  },
  ...roles.flatMap((given): Try[] => [
    {
      what: `PATCH /users/{user_id} that makes a ${given}`,
      status: (caller, target) => mayGive(caller, target, given),
      request: ({ id }) => ({ path: `/users/${id}`, method: "PATCH", body: { role: given } }),
    },
    {
      what: `PATCH /users/{user_id} that disables and makes a ${given}`,
      status: (caller, target) => mayGive(caller, target, given),
      request: ({ id }) => ({ path: `/users/${id}`, method: "PATCH", body: { role: given, active: false } }),
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

  const stateOfDevice = (device: string) =>
    Promise.all([
      world.rows("select * from devices where id = ?", device),
      world.rows("select * from audit where target_id = ?", device),
    ]);

  for (const { operationId } of deviceRequests("")) {
    for (const caller of roles) {
      it(`${operationId} with a device of theirs, as ${caller}: ${reach[caller].join(", ") || "no one"}`, async () => {
        const token = await world.addUser(caller);
        const ask = async (device: string) => {
          const request = deviceRequests(device).find((each) => each.operationId === operationId);
          assert.ok(request);
          return withoutIds(await world.call(request.path, { ...request, token }));
        };
        const unregisteredNumbers = await ask(randomUUID());
        assert.notEqual(unregisteredNumbers.status, 400, "the request itself is as it should be");
        for (const owner of roles) {
          const device = await world.createDevice("Theirs", (await world.addPerson(owner)).token);
          const before = await stateOfDevice(device);
          const answer = await ask(device);
          if (reach[caller].includes(owner)) {
            assert.notDeepEqual(answer, unregisteredNumbers, `a ${owner}'s`);
            continue;
          }
          assert.deepEqual(answer, unregisteredNumbers, `a ${owner}'s`);
          assert.deepEqual(await stateOfDevice(device), before, `a ${owner}'s`);
        }
      });
    }
  }

  it("and a list of devices holds none of theirs", async () => {
    for (const caller of roles) {
      const person = await world.addPerson(caller);
      const own = await world.createDevice("Mine", person.token);
      for (const owner of roles) await world.createDevice("Theirs", (await world.addPerson(owner)).token);
      const items = listAt(dataOf(await world.call("/devices", { token: person.token })), "items");
      assert.deepEqual(
        items.map((item) => textAt(item, "id")),
        [own],
      );
    }
  });

  it("to a device of a user who rises above them: it is out of reach from then on", async () => {
    const [owner, caller] = [await world.addPerson(), await world.addUser("manager")];
    const device = await world.createDevice("Theirs", owner.token);
    dataOf(await world.call(`/devices/${device}`, { token: caller }));
    const body = { role: "admin" };
    dataOf(await world.call(`/users/${owner.id}`, { method: "PATCH", body }));
    const answer = await world.call(`/devices/${device}`, { token: caller });
    assert.equal(textAt(answer.body, "error_code"), "DEVICE_NOT_FOUND");
    dataOf(await world.call(`/devices/${device}`, { token: owner.token }));
  });

  it("and no caller reaches a device of another tenant", async () => {
    const { token } = await world.addPerson("user", await world.addTenant());
    const device = await world.createDevice("Elsewhere", token);
    const before = await stateOfDevice(device);
    const unregisteredNumbers = deviceRequests(randomUUID());
    for (const caller of roles) {
      const callerToken = await world.addUser(caller);
      const answer = await world.call(`/devices/${device}`, { token: callerToken });
      assert.equal(answer.status, 404);
      assert.equal(textAt(answer.body, "error_code"), "DEVICE_NOT_FOUND");
      for (const [index, request] of deviceRequests(device).entries()) {
        const other = unregisteredNumbers[index];
        assert.ok(other);
        assert.deepEqual(
          withoutIds(await world.call(request.path, { ...request, token: callerToken })),
          withoutIds(await world.call(other.path, { ...other, token: callerToken })),
          request.operationId,
        );
      }
    }
    assert.deepEqual(await stateOfDevice(device), before);
  });

  it("and no device is meant when none is named", async () => {
    const { token } = await world.addPerson();
    await world.createDevice("Theirs", token);
    const answer = await world.call("/disconnect", { method: "POST", token: await world.addUser("manager") });
    assert.equal(answer.status, 404);
  });
});
