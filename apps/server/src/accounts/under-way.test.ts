import assert from "node:assert/strict";
import type { RequestHandler } from "express";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, type CallOptions, dataOf } from "../test-support/call.ts";
import { until } from "../test-support/until.ts";
import { type Person, startWorld, type World } from "../test-support/world.ts";
import { masterToken, withMaster } from "../test-support/worlds/master.ts";

/** Holds requests that ask for it when they have been let in, until they are released. */
class Gate {
  #reached: () => void = () => undefined;
  #open: () => void = () => undefined;
  #opened: Promise<void> = Promise.resolve();

  readonly handler: RequestHandler = async (request, _response, next) => {
    if (request.get("x-held") !== undefined) {
      this.#reached();
      await this.#opened;
    }
    next();
  };

  /** Runs work while a request is held. @returns the response to the request */
  async during<Answer>(
    send: (headers: Record<string, string>) => Promise<Answer>,
    work: () => Promise<unknown>,
  ) {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      this.#reached = resolve;
    });
    const answer = send({ "x-held": "yes" });
    await reached;
    try {
      await work();
    } finally {
      this.#open();
    }
    return answer;
  }
}

const user = { email: "late@example.com", role: "user" };

describe("A request that was let in before its caller lost the right to send it", () => {
  const gate = new Gate();
  let world: World;
  beforeAll(async () => {
    world = await startWorld(
      { ...withMaster, WUTS_WHATSAPP_TIMEOUT_MS: "2000" },
      { overrides: { intercept: gate.handler } },
    );
  });
  afterAll(() => world.stop());

  const change = (target: Person, body: object) =>
    world.call(`/users/${target.id}`, { method: "PATCH", body }).then((answer) => dataOf(answer));
  const writes: Record<string, (target: Person) => { path: string } & CallOptions> = {
    "POST /users": () => ({ path: "/users", method: "POST", body: user }),
    "PATCH /users/{user_id} that disables": ({ id }) => ({
      path: `/users/${id}`,
      method: "PATCH",
      body: { active: false },
    }),
    "PATCH /users/{user_id} that makes an admin": ({ id }) => ({
      path: `/users/${id}`,
      method: "PATCH",
      body: { role: "admin" },
    }),
    "DELETE /users/{user_id}": ({ id }) => ({ path: `/users/${id}`, method: "DELETE" }),
    "POST /users/{user_id}/tokens": ({ id }) => ({
      path: `/users/${id}/tokens`,
      method: "POST",
      body: { name: "Late" },
    }),
  };
  const accountRows = () =>
    Promise.all(["users", "tokens"].map((table) => world.rows(`select * from ${table} order by id`)));

  for (const [what, request] of Object.entries(writes)) {
    it(`is refused when the caller was lowered: ${what}`, async () => {
      const [target, caller] = [await world.addPerson(), await world.addPerson("admin")];
      const { path, ...options } = request(target);
      let state: unknown;
      const answer = await gate.during(
        (headers) => world.call(path, { ...options, headers, token: caller.token }),
        async () => {
          await change(caller, { role: "user" });
          state = await accountRows();
        },
      );
      if (path.endsWith("/tokens")) assertRefused(answer, 404, "USER_NOT_FOUND");
      else assertRefused(answer, 403, "FORBIDDEN");
      assert.deepEqual(await accountRows(), state);
    });

    it(`is refused when the caller was disabled: ${what}`, async () => {
      const [target, caller] = [await world.addPerson(), await world.addPerson("admin")];
      const { path, ...options } = request(target);
      let state: unknown;
      const answer = await gate.during(
        (headers) => world.call(path, { ...options, headers, token: caller.token }),
        async () => {
          await change(caller, { active: false });
          state = await accountRows();
        },
      );
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.deepEqual(await accountRows(), state);
    });
  }

  for (const [what, path, options] of [
    ["POST /devices", "/devices", { method: "POST", body: { name: "Late" } }],
    ["GET /qr", "/qr", {}],
    ["GET /me", "/me", {}],
  ] as const) {
    it(`is refused when the caller was deleted: ${what}`, async () => {
      const { id, token } = await world.addPerson();
      const answer = await gate.during(
        (headers) => world.call(path, { ...options, headers, token }),
        async () => dataOf(await world.call(`/users/${id}`, { method: "DELETE" })),
      );
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.deepEqual(await world.rows("select id from devices"), []);
    });
  }

  it("is refused when the caller was lowered: PATCH /devices/{device_id}", async () => {
    const [owner, caller] = [await world.addPerson(), await world.addPerson("manager")];
    const device = await world.createDevice("Theirs", owner.token);
    const answer = await gate.during(
      (headers) => {
        const options = { method: "PATCH", body: { name: "Late" }, headers, token: caller.token };
        return world.call(`/devices/${device}`, options);
      },
      () => change(caller, { role: "user" }),
    );
    assertRefused(answer, 404, "DEVICE_NOT_FOUND");
    const [row] = await world.rows("select name from devices where id = ?", device);
    assert.deepEqual({ ...Object(row) }, { name: "Theirs" });
    dataOf(await world.call(`/devices/${device}`, { method: "DELETE" }));
  });

  it("has no device to work with when the caller was deleted with it", async () => {
    const { id, token } = await world.addPerson();
    const device = await world.createDevice("Theirs", token);
    const answer = await gate.during(
      (headers) => world.call(`/qr?device_id=${device}`, { headers, token }),
      async () => dataOf(await world.call(`/users/${id}`, { method: "DELETE" })),
    );
    assertRefused(answer, 404, "DEVICE_NOT_FOUND");
  });
});

describe("While WhatsApp takes its time to unlink devices that are to go", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...withMaster, WUTS_WHATSAPP_TIMEOUT_MS: "2000" });
    for (const phone of ["5511900000001", "5511900000002"]) world.simulator.addAccount({ phone });
    world.simulator.faults.silence("iq md set/remove-companion-device");
  });
  afterAll(() => world.stop());

  for (const [what, phone, path, token] of [
    ["a user's", "5511900000001", ({ id }: Person) => `/users/${id}`, undefined],
    ["a tenant's", "5511900000002", (_: Person, tenant: string) => `/tenants/${tenant}`, masterToken],
  ] as const) {
    it(`${what} tokens are unknown already, and the devices open nothing`, async () => {
      const tenant = await world.addTenant();
      const admin = await world.addPerson("admin", tenant);
      const person = await world.addPerson("user", tenant);
      await world.pairedDevice(phone, person.token);
      const unpaired = await world.createDevice("Unpaired", person.token);
      const removal = world.call(path(person, tenant), { method: "DELETE", token: token ?? admin.token });
      await until("the end of the token", async () => {
        const { status } = await world.call("/devices", { token: person.token });
        return { found: status === 401 || undefined, seen: status };
      });
      const [row] = await world.rows("select active from users where id = ?", person.id);
      assert.deepEqual({ ...Object(row) }, { active: 0 });
      if (token === undefined) {
        const answer = await world.call(`/qr?device_id=${unpaired}`, { token: admin.token });
        assertRefused(answer, 503, "WHATSAPP_UNREACHABLE");
      }
      assert.partialDeepStrictEqual(dataOf(await removal), { devices: 2, unlinked: 0 });
      assert.deepEqual(await world.rows("select id from users where id = ?", person.id), []);
      await until("the end of the connection", async () => {
        const left = world.simulator.faults.close(phone, "tcp-drop");
        return { found: left === 0 || undefined, seen: left };
      });
    });
  }

  it("a device is deleted for one of two who ask at once", async () => {
    world.simulator.addAccount({ phone: "5511900000003" });
    const device = await world.pairedDevice("5511900000003");
    const remove = () => world.call(`/devices/${device}`, { method: "DELETE" });
    const answers = await Promise.all([remove(), remove()]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
  });
});
