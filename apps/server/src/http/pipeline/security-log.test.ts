import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import { assertRefused, at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { captureLog } from "../../test-support/captured-log.ts";
import { until } from "../../test-support/until.ts";
import { type Person, type Settings, startWorld, type World } from "../../test-support/world.ts";
import { masterToken, withMaster } from "../../test-support/worlds/master.ts";

/** The address that the requests of these tests claim to come from. */
const from = { "x-forwarded-for": "203.0.113.77" };
const network = "203.0.113.0/24";

async function loggedWorld(settings: Settings = {}) {
  const { log, logged, untilLogged } = captureLog();
  const world = await startWorld(
    { ...withMaster, WUTS_TRUST_PROXY: "1", ...settings },
    { overrides: { log } },
  );
  const idsOf = async (token: string) => {
    const me = dataOf(await world.call("/me", { token }));
    return {
      tenant_id: textAt(me, "tenant", "id"),
      user_id: textAt(me, "user", "id"),
      token_id: textAt(me, "token", "id"),
    };
  };
  /** The lines with the id of a request. */
  const lineOf = (message: string, requestId: string) =>
    untilLogged((line) => at(line, "msg") === message && at(line, "request_id") === requestId);
  return { world, idsOf, lineOf, logged };
}

async function codeFor(world: World, { id }: Person): Promise<string> {
  const made = await world.call(`/users/${id}/sign-in-codes`, { method: "POST", body: { expires_in: 600 } });
  return textAt(dataOf(made, 201), "code");
}

describe("The line of a request in the log", () => {
  let there: Awaited<ReturnType<typeof loggedWorld>>;
  beforeAll(async () => {
    there = await loggedWorld();
  });
  afterAll(() => there.world.stop());

  it("says by ids who sent it and to which device, and from which network", async () => {
    const { world, idsOf, lineOf } = there;
    const ids = await idsOf(world.token);
    const device = await world.createDevice();
    const requestId = randomUUID();
    dataOf(await world.call(`/devices/${device}`, { headers: { ...from, "x-request-id": requestId } }));
    const line = await lineOf("request", requestId);
    assert.partialDeepStrictEqual(line, {
      ...ids,
      device_id: device,
      address: network,
      operation: "getDevice",
    });
    assert.ok(!JSON.stringify(line).includes("203.0.113.77"));
    assert.ok(!JSON.stringify(line).includes(world.token));
  });

  it("says that it was the master token, and nothing of who sent none or is for a device of others", async () => {
    const { world, lineOf } = there;
    const send = async (path: string, token: string | null) => {
      const requestId = randomUUID();
      await world.call(path, { token, headers: { ...from, "x-request-id": requestId } });
      return lineOf("request", requestId);
    };
    assert.partialDeepStrictEqual(await send("/tenants", masterToken), {
      caller: "master",
      address: network,
    });
    const others = await send(`/devices/${await world.createDevice()}`, await world.addUser());
    assert.equal(at(others, "device_id"), undefined);
    const unknown = await send("/devices", null);
    for (const field of ["tenant_id", "user_id", "token_id", "device_id", "caller"])
      assert.equal(at(unknown, field), undefined);
  });
});

describe("A security event", () => {
  let there: Awaited<ReturnType<typeof loggedWorld>>;
  beforeAll(async () => {
    there = await loggedWorld();
  });
  afterAll(() => there.world.stop());

  /** Sends a request. @returns what the log says of it as a security event */
  const eventOf = async (path: string, options: Parameters<World["call"]>[1], code: string) => {
    const requestId = randomUUID();
    const headers = { ...from, "x-request-id": requestId, ...options?.headers };
    const answer = await there.world.call(path, { ...options, headers });
    assert.equal(at(answer.body, "error_code"), code);
    const line = await there.lineOf("refused", requestId);
    assert.partialDeepStrictEqual(line, { event: "security", level: 40, address: network, error_code: code });
    return { line, requestId };
  };
  /** @returns what the audit trail of a tenant says of a request, as soon as it does */
  const entryOf = (admin: string, requestId: string) =>
    until("an entry of the audit trail", async () => {
      const items = listAt(dataOf(await there.world.call("/audit", { token: admin })), "items");
      return { found: items.find((item) => at(item, "request_id") === requestId), seen: items };
    });

  it("is a request without a token, or with an unknown one", async () => {
    const { line } = await eventOf("/devices", { token: null }, "UNAUTHORIZED");
    assert.partialDeepStrictEqual(line, { name: "token.missing", operation: "listDevices" });
    const token = randomUUID();
    const unknown = await eventOf("/devices", { token }, "UNAUTHORIZED");
    assert.partialDeepStrictEqual(unknown.line, { name: "token.refused" });
    assert.ok(!JSON.stringify(unknown.line).includes(token));
    const master = await eventOf("/devices", { token: masterToken }, "UNAUTHORIZED");
    assert.partialDeepStrictEqual(master.line, { name: "token.refused", caller: "master" });
  });

  it("is what a role does not allow, which the tenant's audit trail has too", async () => {
    const { world, idsOf } = there;
    const token = await world.addUser();
    const ids = await idsOf(token);
    const { line, requestId } = await eventOf("/users", { token }, "FORBIDDEN");
    assert.partialDeepStrictEqual(line, { name: "access.denied", operation: "listUsers", ...ids });
    assert.partialDeepStrictEqual(await entryOf(world.token, requestId), {
      actor: { type: "user", user_id: ids.user_id },
      action: "access.denied",
      target: { type: "token", id: ids.token_id },
      details: { operation: "listUsers", address: network },
    });
  });

  it("is what a rule between users does not allow, and an operation of the master token", async () => {
    const { world, idsOf } = there;
    const { user_id: self } = await idsOf(await world.addUser("admin"));
    const admin = await world.addPerson("admin");
    for (const [path, options] of [
      [`/users/${admin.id}`, { method: "PATCH", body: { active: false }, token: admin.token }],
      ["/tenants", { token: admin.token }],
    ] as const) {
      const { line, requestId } = await eventOf(path, options, "FORBIDDEN");
      assert.partialDeepStrictEqual(line, { name: "access.denied", user_id: admin.id });
      assert.equal(at(await entryOf(world.token, requestId), "actor", "user_id"), admin.id);
    }
    assert.notEqual(self, admin.id);
  });

  for (const [reason, end] of [
    ["expired", "update tokens set expires_at = '2020-01-01T00:00:00.000Z' where user_id = ?"],
    ["disabled", "update users set active = 0 where id = ?"],
  ] as const) {
    it(`is a token that is ${reason}, which the trail of its tenant has too`, async () => {
      const { world, idsOf } = there;
      const person = await world.addPerson();
      const { tenant_id, token_id } = await idsOf(person.token);
      await world.write(end, person.id);
      const { line, requestId } = await eventOf("/me", { token: person.token }, "UNAUTHORIZED");
      const concerned = { tenant_id, token_id, user_id: person.id, reason };
      assert.partialDeepStrictEqual(line, { name: "token.refused", ...concerned });
      assert.partialDeepStrictEqual(await entryOf(world.token, requestId), {
        actor: { type: "unknown", user_id: null },
        action: "token.refused",
        target: { type: "token", id: token_id },
        details: { user_id: person.id, reason, operation: "getMe", address: network },
      });
    });
  }

  it("is a sign-in code that is unknown, or that is none any more", async () => {
    const { world } = there;
    const signIn = (code: string) =>
      eventOf("/sign-in", { method: "POST", body: { code }, token: null }, "SIGN_IN_CODE_NOT_FOUND");
    const unknown = await signIn("A".repeat(43));
    assert.partialDeepStrictEqual(unknown.line, { name: "sign_in.refused", operation: "signIn" });
    for (const [reason, end] of [
      ["expired", "update sign_in_codes set expires_at = '2020-01-01T00:00:00.000Z' where user_id = ?"],
      ["disabled", "update users set active = 0 where id = ?"],
    ] as const) {
      const person = await world.addPerson();
      const code = await codeFor(world, person);
      await world.write(end, person.id);
      const { line, requestId } = await signIn(code);
      assert.partialDeepStrictEqual(line, { name: "sign_in.refused", user_id: person.id, reason });
      assert.ok(!JSON.stringify(line).includes(code));
      assert.partialDeepStrictEqual(await entryOf(world.token, requestId), {
        actor: { type: "unknown", user_id: null },
        action: "sign_in.refused",
        target: { type: "user", id: person.id },
        details: { reason, address: network },
      });
    }
  });
});

describe("Security events past a limit of failures", () => {
  it("are events still: who guesses on is told 429", async (t) => {
    const { world, lineOf } = await untilOver(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "1" });
    const send = async (path: string, options: Parameters<World["call"]>[1]) => {
      await world.call(path, options);
      const requestId = randomUUID();
      const answer = await world.call(path, { ...options, headers: { "x-request-id": requestId } });
      assertRefused(answer, 429, "RATE_LIMITED");
      return lineOf("refused", requestId);
    };
    assert.partialDeepStrictEqual(await send("/devices", { token: randomUUID() }), { name: "token.refused" });
    const body = { code: "A".repeat(43) };
    const signIn = await send("/sign-in", { method: "POST", body, token: null });
    assert.partialDeepStrictEqual(signIn, { name: "sign_in.refused" });
  });
});

describe("Very many security events", () => {
  it("are some lines and entries, and how many more there were, and keep no caller waiting", async (t) => {
    const { world, logged } = await untilOver(t, {});
    const token = await world.addUser();
    const other = await world.addPerson("user", await world.addTenant());
    const send = (sent: string | null, times: number) =>
      Promise.all(Array.from({ length: times }, () => world.call("/users", { token: sent })));
    for (const { status } of await send(token, 60)) assert.equal(status, 403);
    for (const { status } of await send(null, 30)) assert.equal(status, 401);
    await send(other.token, 1);
    // The count of events left out is reported when the window ends, or when the server stops.
    await world.stopServer();
    const names = logged("refused").map((line) => at(line, "name"));
    assert.deepEqual(
      ["access.denied", "token.missing"].map((name) => names.filter((each) => each === name).length),
      [21, 20],
    );
    assert.partialDeepStrictEqual(logged("more was refused"), [
      { event: "security", level: 40, name: "access.denied", left_out: 40 },
      { event: "security", level: 40, name: "token.missing", left_out: 10 },
    ]);
    const rows = await world.rows(
      "select tenant_id, actor_kind, details from audit where action = 'access.denied'",
    );
    assert.equal(rows.length, 22);
    const summaries = rows.filter((row) => at(row, "actor_kind") === "unknown");
    assert.deepEqual(
      summaries.map((row) => JSON.parse(textAt(row, "details"))),
      [{ left_out: 40 }],
    );
  });
});

async function untilOver(t: TestContext, settings: Settings) {
  const there = await loggedWorld(settings);
  t.onTestFinished(() => there.world.stop());
  return there;
}
