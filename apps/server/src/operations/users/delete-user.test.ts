import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("DELETE /users/{user_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    for (const phone of ["5511900000001", "5511900000002", "5511900000003"]) {
      world.simulator.addAccount({ phone });
    }
  });
  afterAll(() => world.stop());

  const remove = (id: string, token: string | null = world.token) =>
    world.call(`/users/${id}`, { method: "DELETE", token });
  const rowsOf = (id: string) =>
    world.rows(
      `select 'u' from users where id = :id union all select 't' from tokens where user_id = :id
       union all select 'd' from devices where user_id = :id`.replaceAll(":id", "?"),
      id,
      id,
      id,
    );

  describe("200", () => {
    it("removes the user with their tokens, who are unknown at once", async () => {
      const { id, token } = await world.addPerson();
      dataOf(await world.call("/devices", { token }));
      assert.deepEqual(dataOf(await remove(id)), { user_id: id, deleted: true, devices: 0, unlinked: 0 });
      assertRefused(await world.call("/devices", { token }), 401, "UNAUTHORIZED");
      assertRefused(await world.call(`/users/${id}`), 404, "USER_NOT_FOUND");
      assert.deepEqual(await rowsOf(id), []);
    });

    it("unlinks their devices, ends every connection, and leaves nothing of them", async () => {
      const { id, token } = await world.addPerson();
      const mine = await world.pairedDevice("5511900000001");
      const theirs = await world.pairedDevice("5511900000002", token);
      const offline = await world.pairedDevice("5511900000003", token);
      dataOf(await world.call(`/disconnect?device_id=${offline}`, { method: "POST", token }));
      const pairing = await world.createDevice("Pairing", token);
      dataOf(await world.call(`/qr?device_id=${pairing}`, { token }));

      assert.deepEqual(dataOf(await remove(id)), { user_id: id, deleted: true, devices: 3, unlinked: 1 });
      assert.deepEqual(await rowsOf(id), []);
      for (const table of ["credentials", "signal_keys"]) {
        for (const device of [theirs, offline, pairing]) {
          assert.deepEqual(await world.rows(`select 1 from ${table} where device_id = ?`, device), []);
        }
      }
      assert.deepEqual(world.simulator.account("5511900000002").devices, []);
      // WhatsApp hears a little later that we have gone.
      await until("the end of their connections", async () => {
        const left = ["5511900000002", "5511900000003"].map((phone) =>
          world.simulator.faults.close(phone, "tcp-drop"),
        );
        return { found: left.every((count) => count === 0) || undefined, seen: left };
      });
      // The remaining connection is the admin's.
      assert.equal(world.simulator.faults.closeAll("tcp-drop"), 1);
      await world.untilState(mine, "connected");
      const actions = await world.rows(
        "select action from audit where details like ? or target_id = ?",
        `%${id}%`,
        id,
      );
      assert.equal(actions.filter((row) => Object(row).action === "device.deleted").length, 3);
      assert.equal(actions.filter((row) => Object(row).action === "user.deleted").length, 1);
      dataOf(await world.call(`/devices/${mine}`, { method: "DELETE" }));
    });

    it("answers a request that is under way, and lets no device come in between", async () => {
      const { id, token } = await world.addPerson();
      world.simulator.addAccount({ phone: "5511900000004" });
      const device = await world.pairedDevice("5511900000004", token);
      const answers = await Promise.all([
        remove(id),
        ...Array.from({ length: 10 }, () =>
          world.call("/devices", { method: "POST", body: { name: "Late" }, token }),
        ),
        world.call(`/connect?device_id=${device}`, { method: "POST", token }),
        world.call(`/devices/${device}`, { method: "DELETE", token }),
      ]);
      for (const { status, body } of answers) assert.ok(status < 500 || status === 503, JSON.stringify(body));
      assert.deepEqual(await rowsOf(id), []);
    });

    it("is answered once to two who ask at once", async () => {
      const { id } = await world.addPerson();
      const answers = await Promise.all([remove(id), remove(id)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => assertInvalid(await remove("me"), "user_id"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await remove(randomUUID(), null), 401, "UNAUTHORIZED");
    });
  });

  describe("403", () => {
    it("refuses managers, and admins who would delete themselves", async () => {
      const target = await world.addPerson();
      assertRefused(await remove(target.id, await world.addUser("manager")), 403, "FORBIDDEN");
      const admin = await world.addPerson("admin");
      assertRefused(await remove(admin.id, admin.token), 403, "FORBIDDEN");
      for (const { token } of [target, admin]) dataOf(await world.call("/devices", { token }));
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for an unknown user, and for another tenant's, who stays", async () => {
      assertRefused(await remove(randomUUID()), 404, "USER_NOT_FOUND");
      const elsewhere = await world.addPerson("user", await world.addTenant());
      assertRefused(await remove(elsewhere.id), 404, "USER_NOT_FOUND");
      dataOf(await world.call("/devices", { token: elsewhere.token }));
    });
  });

  describe("409", () => {
    it("says LAST_ADMIN to the only admin", async () => {
      const { id, token } = await world.addPerson("admin", await world.addTenant());
      assertRefused(await remove(id, token), 409, "LAST_ADMIN");
      dataOf(await world.call("/devices", { token }));
    });
  });
});
