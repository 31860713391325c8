import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { CallOptions } from "../test-support/call.ts";
import { type Person, startWorld, type World } from "../test-support/world.ts";

/** Every way in which a user stops being an active admin. */
const ways: Record<string, (target: Person) => { path: string } & CallOptions> = {
  lowers: ({ id }) => ({ path: `/users/${id}`, method: "PATCH", body: { role: "user" } }),
  disables: ({ id }) => ({ path: `/users/${id}`, method: "PATCH", body: { active: false } }),
  "lowers and enables": ({ id }) => ({
    path: `/users/${id}`,
    method: "PATCH",
    body: { role: "manager", active: true },
  }),
  deletes: ({ id }) => ({ path: `/users/${id}`, method: "DELETE" }),
};

describe("The last active admin of a tenant", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const send = ({ path, ...options }: { path: string } & CallOptions, by: Person) =>
    world.call(path, { ...options, token: by.token });
  const activeAdmins = async (tenant: string) =>
    (await world.rows("select id from users where tenant_id = ? and role = 'admin' and active = 1", tenant))
      .length;

  for (const [one, oneWay] of Object.entries(ways)) {
    for (const [other, otherWay] of Object.entries(ways)) {
      it(`stays when of two admins each ${one} or ${other} the other at once`, async () => {
        const tenant = await world.addTenant();
        const [ana, bruno] = [await world.addPerson("admin", tenant), await world.addPerson("admin", tenant)];
        const answers = await Promise.all([send(oneWay(bruno), ana), send(otherWay(ana), bruno)]);
        assert.equal(await activeAdmins(tenant), 1);
        const [done, refused] = answers.map(({ status }) => status).sort();
        assert.equal(done, 200);
        // The second caller is no longer an admin, or no longer exists.
        assert.ok(refused === 401 || refused === 403, String(refused));
      });
    }

    it(`stays when a user who is no admin here any more ${one} them`, async () => {
      const tenant = await world.addTenant();
      const [ana, bruno] = [await world.addPerson("admin", tenant), await world.addPerson("admin", tenant)];
      await world.write("update users set active = 0 where id = ?", bruno.id);
      assert.equal((await send(oneWay(ana), bruno)).status, 401);
      assert.equal((await send(oneWay(ana), ana)).status, 409);
      assert.equal(await activeAdmins(tenant), 1);
    });
  }
});
