import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, onlyForTheMaster, withMaster } from "../../test-support/worlds/master.ts";

describe("DELETE /tenants/{tenant_id}", () => {
  let world: World;
  const lines: string[] = [];
  beforeAll(async () => {
    const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
    world = await startWorld(withMaster, { overrides: { log } });
    for (const phone of ["5511900000001", "5511900000002"]) world.simulator.addAccount({ phone });
  });
  afterAll(() => world.stop());

  const remove = (id: string) => world.call(`/tenants/${id}`, { method: "DELETE", token: masterToken });

  describe("200", () => {
    it("unlinks and ends its devices, wipes everything of it, and nothing of others", async () => {
      const tenant = await world.addTenant();
      const [admin, user] = [await world.addPerson("admin", tenant), await world.addPerson("user", tenant)];
      const kept = await world.pairedDevice("5511900000001");
      const paired = await world.pairedDevice("5511900000002", user.token);
      const pairing = await world.createDevice("Pairing", admin.token);
      dataOf(await world.call(`/qr?device_id=${pairing}`, { token: admin.token }));
      const [created] = [await world.call("/audit", { token: admin.token })];
      assert.notDeepEqual(at(dataOf(created), "items"), []);

      for (const { token } of [admin, user]) dataOf(await world.call("/devices", { token }));
      const deleted = dataOf(await remove(tenant));
      assert.deepEqual(deleted, {
        tenant_id: tenant,
        tenant_name: `Tenant ${tenant}`,
        deleted_at: textAt(deleted, "deleted_at"),
        users: 2,
        devices: 2,
        unlinked: 1,
      });
      for (const { token } of [admin, user]) {
        assertRefused(await world.call("/devices", { token }), 401, "UNAUTHORIZED");
      }
      const everything = await Promise.all(
        ["tenants", "users", "tokens", "devices", "credentials", "signal_keys", "audit"].map(async (table) =>
          JSON.stringify(await world.rows(`select * from ${table}`)),
        ),
      );
      for (const id of [tenant, admin.id, user.id, paired, pairing]) {
        assert.ok(!everything.some((table) => table.includes(id)));
      }
      assert.deepEqual(world.simulator.account("5511900000002").devices, []);
      await world.untilState(kept, "connected");
      assertRefused(await remove(tenant), 404, "TENANT_NOT_FOUND");
    });

    it("says in the server's log which tenant was deleted", async () => {
      const tenant = await world.addTenant();
      dataOf(await remove(tenant));
      const entry = lines.map((line) => JSON.parse(line)).find((line) => at(line, "tenant_id") === tenant);
      assert.partialDeepStrictEqual(entry, { msg: "a tenant was deleted", users: 0, devices: 0 });
    });

    it("lets no other request come in between", async () => {
      const tenant = await world.addTenant();
      const { token } = await world.addPerson("admin", tenant);
      const device = await world.createDevice("First", token);
      const user = { email: "late@example.com", role: "admin" };
      const answers = await Promise.all([
        world.call("/users", { method: "POST", body: user, token }),
        remove(tenant),
        remove(tenant),
        ...Array.from({ length: 10 }, () =>
          world.call("/devices", { method: "POST", body: { name: "Late" }, token }),
        ),
        world.call(`/qr?device_id=${device}`, { token }),
      ]);
      for (const { status, body } of answers) assert.ok(status < 500 || status === 503, JSON.stringify(body));
      assert.deepEqual([answers[1]?.status, answers[2]?.status].sort(), [200, 404]);
      assert.deepEqual(await world.rows("select id from users where tenant_id = ?", tenant), []);
      assert.deepEqual(
        await world.rows("select id from devices where user_id not in (select id from users)"),
        [],
      );
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => assertInvalid(await remove("first"), "tenant_id"));
  });

  onlyForTheMaster(() => world, `/tenants/${randomUUID()}`, { method: "DELETE" });

  describe("404", () => {
    it("says TENANT_NOT_FOUND for an unknown tenant", async () => {
      assertRefused(await remove(randomUUID()), 404, "TENANT_NOT_FOUND");
    });
  });
});
