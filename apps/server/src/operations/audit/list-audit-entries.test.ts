import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  at,
  dataOf,
  listAt,
  pagesOf,
  textAt,
} from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { type Person, startWorld, type World } from "../../test-support/world.ts";

const phone = "5511900000000";

describe("GET /audit", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone });
  });
  afterAll(() => world.stop());

  const list = (query = "", token: string | null = world.token) => world.call(`/audit?${query}`, { token });
  const newTenant = async () => {
    const tenant = await world.addTenant();
    return { admin: await world.addPerson("admin", tenant), user: await world.addPerson("user", tenant) };
  };
  const rename = async (admin: Person, target: Person, times: number) => {
    for (let index = 0; index < times; index += 1) {
      const body = { active: index % 2 !== 0 };
      dataOf(await world.call(`/users/${target.id}`, { method: "PATCH", body, token: admin.token }));
    }
  };

  describe("200", () => {
    it("says who did what to whom, when, and in which request", async () => {
      const { admin, user } = await newTenant();
      const answer = await world.call(`/users/${user.id}`, {
        method: "PATCH",
        body: { role: "manager" },
        token: admin.token,
        headers: { "x-request-id": "my-request" },
      });
      dataOf(answer);
      const [entry, ...others] = listAt(dataOf(await list("", admin.token)), "items");
      assert.deepEqual(others, []);
      const tokenId = textAt(dataOf(await world.call("/me", { token: admin.token })), "token", "id");
      assert.deepEqual(entry, {
        id: textAt(entry, "id"),
        at: textAt(entry, "at"),
        actor: { type: "user", user_id: admin.id, by_user_id: null, token_id: tokenId },
        action: "user.updated",
        target: { type: "user", id: user.id },
        details: { old_role: "user", new_role: "manager" },
        request_id: "my-request",
      });
      assert.ok(Math.abs(Date.parse(textAt(entry, "at")) - Date.now()) < 60_000);
    });

    it("answers what an earlier version stored of a change of role", async () => {
      const { admin, user } = await newTenant();
      dataOf(
        await world.call(`/users/${user.id}`, {
          method: "PATCH",
          body: { role: "manager" },
          token: admin.token,
        }),
      );
      await world.write("update audit set action = 'user.promoted' where target_id = ?", user.id);
      const [entry] = listAt(dataOf(await list("", admin.token)), "items");
      assert.partialDeepStrictEqual(entry, {
        action: "user.promoted",
        details: { old_role: "user", new_role: "manager" },
      });
    });

    it("answers each entry of the tenant once, newest first, page by page, and none of others", async () => {
      const { admin, user } = await newTenant();
      const other = await newTenant();
      await rename(other.admin, other.user, 1);
      await rename(admin, user, 5);
      const pages = await pagesOf((query) => list(query, admin.token), 2);
      assert.deepEqual(
        pages.map((page) => page.length),
        [2, 2, 1],
      );
      const places = pages.flat().map((item) => `${textAt(item, "at")} ${textAt(item, "id")}`);
      assert.deepEqual(places, places.toSorted().reverse());
      assert.ok(pages.flat().every((item) => at(item, "target", "id") === user.id));
    });

    it("answers only what a user did, or what was done to something, when asked so", async () => {
      const { admin, user } = await newTenant();
      await rename(admin, user, 2);
      const device = await world.createDevice("Mine", user.token);
      const actions = async (query: string) =>
        listAt(dataOf(await list(query, admin.token)), "items").map((item) => at(item, "action"));
      assert.deepEqual(await actions(`user_id=${user.id}`), ["device.created"]);
      assert.deepEqual(await actions(`user_id=${admin.id}`), ["user.updated", "user.updated"]);
      assert.deepEqual(await actions(`target_id=${device}`), ["device.created"]);
      assert.deepEqual(await actions(`target_id=${device}&user_id=${admin.id}`), []);
      assert.deepEqual(await actions(`target_id=${randomUUID()}`), []);
    });

    it("holds what was done with a device, when it changed something", async () => {
      const { admin, user } = await newTenant();
      const { token } = user;
      const device = await world.pairedDevice(phone, token);
      for (const path of ["/connect", "/disconnect", "/disconnect", "/connect", "/connect", "/logout"]) {
        dataOf(await world.call(`${path}?device_id=${device}`, { method: "POST", token }));
      }
      dataOf(await world.call(`/devices/${device}`, { method: "DELETE", token: admin.token }));
      const items = listAt(dataOf(await list(`target_id=${device}`, admin.token)), "items");
      const actions = items.map((item) => at(item, "action")).toReversed();
      assert.deepEqual(actions.slice(0, 2), ["device.created", "device.pairing_started"]);
      // The helper that pairs may have waited for the connection, or found it there.
      assert.deepEqual(actions.slice(actions.indexOf("device.disconnected")), [
        "device.disconnected",
        "device.connected",
        "device.logged_out",
        "device.deleted",
      ]);
      assert.deepEqual(at(items[0], "actor", "user_id"), admin.id);
      assert.deepEqual(at(items[0], "details"), { user_id: user.id, unlinked: false });
      assert.ok(!JSON.stringify(items).includes(phone));
    });

    it("holds nothing that was refused but for who asked", async () => {
      const { admin, user } = await newTenant();
      const body = { active: false };
      assertRefused(
        await world.call(`/users/${admin.id}`, { method: "PATCH", body, token: admin.token }),
        409,
        "LAST_ADMIN",
      );
      assertRefused(
        await world.call(`/users/${admin.id}`, { method: "PATCH", body, token: user.token }),
        403,
        "FORBIDDEN",
      );
      const actions = async () => {
        const items = listAt(dataOf(await list("", admin.token)), "items");
        return items.map((item) => [at(item, "action"), at(item, "actor", "user_id")]);
      };
      const entries = await until("an entry", async () => {
        const seen = await actions();
        return { found: seen.length > 0 ? seen : undefined, seen };
      });
      assert.deepEqual(entries, [["access.denied", user.id]]);
    });
  });

  describe("400", () => {
    for (const [name, value] of [
      ["user_id", "me"],
      ["target_id", "5"],
      ["limit", "0"],
      ["cursor", "!"],
      ["action", "user.created"],
    ] as const) {
      it(`refuses ${name}=${value}`, async () => assertInvalid(await list(`${name}=${value}`), name));
    }
  });

  describe("401", () => {
    it("refuses who has no token", async () => assertRefused(await list("", null), 401, "UNAUTHORIZED"));
  });

  describe("403", () => {
    for (const role of ["user", "manager"] as const) {
      it(`refuses a ${role}`, async () => {
        assertRefused(await list("", await world.addUser(role)), 403, "FORBIDDEN");
      });
    }
  });
});
