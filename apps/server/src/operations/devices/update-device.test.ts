import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("PATCH /devices/{device_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const update = (id: string, body: unknown, token: string | null = world.token) =>
    world.call(`/devices/${id}`, { method: "PATCH", body, token });
  const stored = (id: string) => world.rows("select * from devices where id = ?", id);
  const entries = async (id: string) =>
    (await world.rows("select action, actor_id, details from audit where target_id = ? order by at", id)).map(
      (row) => ({ ...Object(row) }),
    );
  const updates = async (id: string) =>
    (await entries(id)).filter(({ action }) => action === "device.updated");

  describe("200", () => {
    it("changes what is given, shows it at once, and leaves the rest", async () => {
      const id = await world.createDevice("Reception");
      const before = dataOf(await world.call(`/devices/${id}`));
      for (const [body, now] of [
        [{ picture_pace_per_minute: 60 }, { name: "Reception", picture_pace_per_minute: 60 }],
        [{ name: "Front desk" }, { name: "Front desk", picture_pace_per_minute: 60 }],
        [{ picture_pace_per_minute: null }, { name: "Front desk", picture_pace_per_minute: null }],
        [
          { name: "Both", picture_pace_per_minute: 1 },
          { name: "Both", picture_pace_per_minute: 1 },
        ],
      ]) {
        const device = dataOf(await update(id, body));
        assert.deepEqual(device, { ...Object(before), ...now, updated_at: textAt(device, "updated_at") });
        assert.ok(textAt(device, "updated_at") >= textAt(before, "updated_at"));
        assert.deepEqual(dataOf(await world.call(`/devices/${id}`)), device);
        const listed = listAt(dataOf(await world.call("/devices?limit=100")), "items");
        assert.deepEqual(
          listed.find((item) => at(item, "id") === id),
          device,
        );
        assert.partialDeepStrictEqual({ ...Object((await stored(id))[0]) }, now);
      }
    });

    it("lets managers and admins change the devices of their tenant", async () => {
      const tenant = await world.addTenant();
      const id = await world.createDevice("Theirs", (await world.addPerson("user", tenant)).token);
      for (const role of ["manager", "admin"] as const) {
        const { token } = await world.addPerson(role, tenant);
        assert.equal(textAt(dataOf(await update(id, { name: role }, token)), "name"), role);
      }
    });

    it("is kept in the audit trail by the fields that it changed, but not when it changed nothing", async () => {
      const owner = await world.addPerson();
      const id = await world.createDevice("Reception", owner.token);
      const untouched = await stored(id);
      dataOf(await update(id, { name: "Reception", picture_pace_per_minute: null }, owner.token));
      assert.deepEqual([await updates(id), await stored(id)], [[], untouched]);
      dataOf(await update(id, { name: "Reception", picture_pace_per_minute: 60 }, owner.token));
      dataOf(await update(id, { name: "Front desk", picture_pace_per_minute: null }));
      const [admin] = await world.rows(
        "select user_id from devices where id = ?",
        await world.createDevice(),
      );
      assert.deepEqual(await updates(id), [
        {
          action: "device.updated",
          actor_id: owner.id,
          details: `{"user_id":"${owner.id}","fields":["picture_pace_per_minute"]}`,
        },
        {
          action: "device.updated",
          actor_id: at(admin, "user_id"),
          details: `{"user_id":"${owner.id}","fields":["name","picture_pace_per_minute"]}`,
        },
      ]);
      const listed = listAt(dataOf(await world.call(`/audit?target_id=${id}`)), "items");
      assert.deepEqual(
        listed.map((entry) => at(entry, "action")),
        ["device.updated", "device.updated", "device.created"],
      );
    });

    it("shows what is stored after many changes at once", async () => {
      const id = await world.createDevice();
      const names = Array.from({ length: 20 }, (_, index) => `Name ${index}`);
      for (const answer of await Promise.all(names.map((name) => update(id, { name })))) dataOf(answer);
      const shown = at(dataOf(await world.call(`/devices/${id}`)), "name");
      assert.deepEqual(
        [at((await stored(id))[0], "name"), (await updates(id)).length],
        [shown, names.length],
      );
    });
  });

  describe("400", () => {
    for (const [what, body, field] of [
      ["nothing", {}, "body"],
      ["a blank name", { name: "  " }, "name"],
      ["no name", { name: null }, "name"],
      ["a pace of none", { picture_pace_per_minute: 0 }, "picture_pace_per_minute"],
      ["too fast a pace", { picture_pace_per_minute: 60_001 }, "picture_pace_per_minute"],
      ["half a picture", { picture_pace_per_minute: 1.5 }, "picture_pace_per_minute"],
      ["a text for a number", { picture_pace_per_minute: "60" }, "picture_pace_per_minute"],
      ["what cannot be changed", { name: "x", state: "connected" }, "state"],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const id = await world.createDevice();
        const untouched = await stored(id);
        assertInvalid(await update(id, body), field);
        assert.deepEqual(await stored(id), untouched);
      });
    }

    it("refuses an id that is no UUID", async () =>
      assertInvalid(await update("first", { name: "x" }), "device_id"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await update(randomUUID(), { name: "x" }, null), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for an unknown device, and for another's, which stays as it is", async () => {
      assertRefused(await update(randomUUID(), { name: "x" }), 404, "DEVICE_NOT_FOUND");
      const id = await world.createDevice();
      const untouched = await stored(id);
      const elsewhere = await world.addPerson("admin", await world.addTenant());
      for (const token of [await world.addUser(), elsewhere.token])
        assertRefused(await update(id, { name: "x" }, token), 404, "DEVICE_NOT_FOUND");
      assert.deepEqual([await stored(id), await updates(id)], [untouched, []]);
    });

    it("says DEVICE_NOT_FOUND of a device that is deleted meanwhile, and changes nothing then", async () => {
      const id = await world.createDevice();
      const changeUntilRefused = async (who: number) => {
        for (let changes = 0; ; changes += 1) {
          const answer = await update(id, { name: `Change ${changes} of ${who}` });
          if (answer.status !== 200) return { changes, answer };
        }
      };
      const changing = Array.from({ length: 10 }, (_, who) => changeUntilRefused(who));
      await until("a change of each", async () => {
        const { length } = await updates(id);
        return { found: length >= 10 || undefined, seen: length };
      });
      dataOf(await world.call(`/devices/${id}`, { method: "DELETE" }));
      let changed = 0;
      for (const { changes, answer } of await Promise.all(changing)) {
        assertRefused(answer, 404, "DEVICE_NOT_FOUND");
        changed += changes;
      }
      assert.deepEqual([await stored(id), (await updates(id)).length], [[], changed]);
      assert.equal((await entries(id)).at(-1)?.action, "device.deleted");
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      const body = JSON.stringify({ name: "x" }).padEnd(3_000);
      assertRefused(await update(await world.createDevice(), body), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const options = { method: "PATCH", body: "x", headers: { "content-type": "text/plain" } };
      const answer = await world.call(`/devices/${await world.createDevice()}`, options);
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});

describe("A device's own pace of pictures", { timeout: 60_000 }, () => {
  const slow = "5511900000001";
  const other = "5511900000002";
  let world: World;
  let slowDevice: string;
  let otherDevice: string;
  beforeAll(async () => {
    world = await startWorld({
      WUTS_PICTURE_PACE_PER_MINUTE: "60000",
      // Long enough that no slot comes too late; a held picture can then be told from one that is not held.
      WUTS_PICTURES_TIMEOUT_MS: "3600000",
    });
    for (const phone of [slow, other]) world.simulator.addAccount({ phone });
    slowDevice = await world.pairedDevice(slow);
    otherDevice = await world.pairedDevice(other);
  });
  afterAll(() => world.stop());

  const pace = async (picture_pace_per_minute: number | null) =>
    dataOf(
      await world.call(`/devices/${slowDevice}`, { method: "PATCH", body: { picture_pace_per_minute } }),
    );

  /** Has a device look so many pictures up. @returns the error code of each, when all are answered */
  async function lookUp(device: string, count: number): Promise<unknown[]> {
    const numbers = Array.from({ length: count }, () => `${nextPhone++}`);
    for (const phone of numbers) world.simulator.addAccount({ phone, picture: { id: phone } });
    const path = `/contacts/profile-pictures?device_id=${device}`;
    const answer = await world.call(path, { method: "POST", body: { numbers } });
    return listAt(dataOf(answer), "items").map((item) => at(item, "error_code"));
  }

  /** Counts the pictures that WhatsApp is asked for through the slow device. */
  function countAsked(t: TestContext): () => number {
    let asked = 0;
    const note = (event: Asked) => {
      if (isPictureQuery(event)) asked += 1;
    };
    world.simulator.events.on("stanza", note);
    t.onTestFinished(() => void world.simulator.events.off("stanza", note));
    return () => asked;
  }

  interface Asked {
    readonly connection: { readonly phone?: string | undefined };
    readonly stanza: { readonly attrs: Record<string, string> };
  }
  const isPictureQuery = ({ connection, stanza }: Asked) =>
    connection.phone === slow && stanza.attrs.xmlns === "w:profile:picture";

  /** Looks up through both, and sees that only the slow device is held up. @returns what the slow one comes to */
  async function holdUp(asked: () => number): Promise<{ held: Promise<unknown[]> }> {
    const first = nextEvent(world.simulator.events, "stanza", isPictureQuery);
    const held = lookUp(slowDevice, 30);
    await first;
    assert.deepEqual(await lookUp(otherDevice, 30), Array(30).fill(null));
    assert.equal(asked(), 1);
    return { held };
  }

  it("slows that device only, and a batch that is under way goes on when it is raised", async (t) => {
    await pace(1);
    const { held } = await holdUp(countAsked(t));
    await pace(60_000);
    assert.deepEqual(await held, Array(30).fill(null));
  });

  it("survives a restart, and goes back to the server's setting with null", async (t) => {
    await pace(1);
    await world.restartServer();
    for (const device of [slowDevice, otherDevice]) await world.untilState(device, "connected");
    assert.equal(at(dataOf(await world.call(`/devices/${slowDevice}`)), "picture_pace_per_minute"), 1);
    const { held } = await holdUp(countAsked(t));
    await pace(null);
    assert.deepEqual(await held, Array(30).fill(null));
  });
});

let nextPhone = 55_31_900_000_000;
