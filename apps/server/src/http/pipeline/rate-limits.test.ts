import assert from "node:assert/strict";
import { hash, randomUUID } from "node:crypto";
import { describe, it, type TestContext, vi } from "vitest";
import {
  type Answer,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  call,
  dataOf,
  listAt,
  textAt,
} from "../../test-support/call.ts";
import { type Settings, startWorld, type World } from "../../test-support/world.ts";

async function worldWith(t: TestContext, settings: Settings): Promise<World> {
  const world = await startWorld(settings);
  t.onTestFinished(() => world.stop());
  return world;
}

function assertLimited(answer: Answer): void {
  assertRefused(answer, 429, "RATE_LIMITED");
  assertRetryAfter(answer, 1, 60);
}

/** The items of `RateLimit` by their names: how many requests are left. */
function left({ headers }: Answer): Record<string, number> {
  const items = headers.get("ratelimit")?.matchAll(/"([^"]+)"; r=(\d+); t=(?:\d|[1-5]\d|60)(?:, |$)/g) ?? [];
  return Object.fromEntries([...items].map(([, name, rest]) => [name, Number(rest)]));
}

describe("The limit of a token", () => {
  it("lets so many requests through in a minute, then answers 429 with Retry-After", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "3" });
    for (const rest of [2, 1, 0]) {
      const answer = await world.call("/devices");
      dataOf(answer);
      assert.deepEqual(left(answer), { token: rest });
      assert.match(
        answer.headers.get("ratelimit-policy") ?? "",
        /^"token"; q=3; w=60; pk=:[A-Za-z0-9+/=]+:$/,
      );
    }
    const refused = await world.call("/devices");
    assertLimited(refused);
    assert.deepEqual(left(refused), { token: 0 });
  });

  it("is each token's own, also among those of one user", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "3" });
    const id = textAt(dataOf(await world.call("/me")), "user", "id");
    const made = await world.call(`/users/${id}/tokens`, { method: "POST", body: { name: "another" } });
    const token = textAt(dataOf(made, 201), "token");
    dataOf(await world.call("/me"));
    assertLimited(await world.call("/me"));
    dataOf(await world.call("/me", { token }));
    dataOf(await world.call("/me", { token: await world.addUser() }));
  });

  it("counts what is refused for what it asks, and says on every answer how many are left", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "5", WUTS_BODY_LIMIT_BYTES: "1024" });
    const create = (body: unknown, headers = {}): [string, CallOptions] => [
      "/devices",
      { method: "POST", body, headers },
    ];
    const token = await world.addUser();
    const asked: readonly [status: number, path: string, options?: CallOptions][] = [
      [400, "/devices?limit=nonsense"],
      [403, "/users"],
      [404, `/devices/${randomUUID()}`],
      [413, ...create("x".repeat(2_000))],
      [415, ...create("<x/>", { "content-type": "application/xml" })],
      [429, "/devices"],
    ];
    for (const [index, [status, path, options]] of asked.entries()) {
      const answer = await world.call(path, { ...options, token });
      assert.equal(answer.status, status);
      assert.deepEqual(left(answer), { token: Math.max(0, 4 - index) });
    }
  });

  it("does not count what takes no token, nor what is there for no method", async (t) => {
    const world = await worldWith(t, {
      WUTS_RATE_LIMIT_TOKEN: "1",
      WUTS_RATE_LIMIT_ADDRESS: "0",
      WUTS_CORS_ORIGINS: "https://app.example.com",
    });
    for (const path of ["/health/live", "/health/ready", "/openapi.json", "/openapi.yaml", "/docs"]) {
      const answer = await world.call(path);
      assert.equal(answer.status, 200, path);
      assert.deepEqual(
        [answer.headers.get("ratelimit"), answer.headers.get("ratelimit-policy")],
        [null, null],
      );
    }
    assertRefused(await world.call("/nothing"), 404, "NOT_FOUND");
    assertRefused(await world.call("/devices", { method: "PUT" }), 405, "METHOD_NOT_ALLOWED");
    const preflight = { origin: "https://app.example.com", "access-control-request-method": "GET" };
    assert.equal((await world.call("/devices", { method: "OPTIONS", headers: preflight })).status, 204);
    dataOf(await world.call("/devices"));
    assertLimited(await world.call("/devices"));
  });

  it("begins again after a minute", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "1" });
    vi.useFakeTimers({ toFake: ["performance"] });
    t.onTestFinished(() => void vi.useRealTimers());
    dataOf(await world.call("/devices"));
    vi.advanceTimersByTime(59_000);
    const refused = await world.call("/devices");
    assertRefused(refused, 429, "RATE_LIMITED");
    assertRetryAfter(refused, 1, 1);
    vi.advanceTimersByTime(1_000);
    dataOf(await world.call("/devices"));
  });

  it("is for the master token, too", async (t) => {
    const token = randomUUID();
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "1", WUTS_MASTER_TOKEN: token });
    dataOf(await world.call("/tenants", { token }));
    assertLimited(await world.call("/tenants", { token }));
    dataOf(await world.call("/devices"));
  });

  it("is none with 0, and says nothing then", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_TOKEN: "0" });
    for (let count = 0; count < 5; count += 1) {
      const answer = await world.call("/devices");
      dataOf(answer);
      assert.equal(answer.headers.get("ratelimit"), null);
    }
  });
});

describe("The limit of a device", () => {
  const askFor: Readonly<Record<string, (world: World, id: string) => Promise<Answer>>> = {
    "in the path": (world, id) => world.call(`/devices/${id}`),
    "in the query": (world, id) => world.call(`/status?device_id=${id}`),
    "in the query, with a body": (world, id) =>
      world.call(`/paircode?device_id=${id}`, { method: "POST", body: { number: "5511900000000" } }),
    "by naming none, when it is the only one": (world) => world.call("/status"),
    "to pair, by naming none": (world) => world.call("/qr"),
    "to change it": (world, id) =>
      world.call(`/devices/${id}`, { method: "PATCH", body: { name: "Changed" } }),
    "to delete it": (world, id) => world.call(`/devices/${id}`, { method: "DELETE" }),
  };
  for (const [how, ask] of Object.entries(askFor)) {
    it(`counts requests that reach it ${how}`, async (t) => {
      const world = await worldWith(t, { WUTS_RATE_LIMIT_DEVICE: "1" });
      const id = await world.createDevice();
      const first = await world.call(`/devices/${id}`);
      dataOf(first);
      assert.deepEqual(left(first), { token: left(first).token ?? -1, device: 0 });
      const refused = await ask(world, id);
      assertLimited(refused);
      assert.equal(left(refused).device, 0);
      assert.equal(listAt(dataOf(await world.call("/devices")), "items").length, 1);
    });
  }

  it("counts the request that makes the first device by pairing it", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_DEVICE: "1" });
    assert.equal(left(await world.call("/qr")).device, 0);
    assertLimited(await world.call("/qr"));
  });

  it("is each device's own, for all users of the tenant together", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_DEVICE: "2" });
    const owner = await world.addUser();
    const [one, other] = [await world.createDevice("One", owner), await world.createDevice("Other", owner)];
    dataOf(await world.call(`/devices/${one}`, { token: owner }));
    dataOf(await world.call(`/devices/${one}`));
    assertLimited(await world.call(`/devices/${one}`, { token: owner }));
    dataOf(await world.call(`/devices/${other}`, { token: owner }));
    dataOf(await world.call("/devices", { token: owner }));
  });

  it("is not used up by those who only know the id", async (t) => {
    const master = randomUUID();
    const world = await worldWith(t, { WUTS_RATE_LIMIT_DEVICE: "1", WUTS_MASTER_TOKEN: master });
    const id = await world.createDevice();
    const body = { tenant_name: "Others", email: "x@example.com" };
    const registered = await world.call("/register", { method: "POST", token: master, body });
    const strangers = [await world.addUser(), textAt(dataOf(registered, 201), "token")];
    for (const token of strangers) {
      for (let count = 0; count < 3; count += 1) {
        const answer = await world.call(`/devices/${id}`, { token });
        assertRefused(answer, 404, "DEVICE_NOT_FOUND");
        assert.equal(left(answer).device, undefined);
      }
    }
    dataOf(await world.call(`/devices/${id}`));
  });

  it("is none with 0", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_DEVICE: "0" });
    const id = await world.createDevice();
    for (let count = 0; count < 5; count += 1) {
      const answer = await world.call(`/devices/${id}`);
      dataOf(answer);
      assert.equal(left(answer).device, undefined);
    }
  });
});

describe("The limit of requests without a token from an address", () => {
  it("is for public operations, but not for health checks; a caller with a token is not limited", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_ADDRESS: "2", WUTS_TRUST_PROXY: "1" });
    const from = (address: string) => ({ token: null, headers: { "x-forwarded-for": address } });
    const read = (path: string, address: string) => world.call(path, from(address));
    assert.deepEqual(left(await read("/openapi.json", "203.0.113.1")), { address: 1 });
    assert.equal((await read("/openapi.json", "203.0.113.1")).status, 200);
    assertLimited(await read("/openapi.json", "203.0.113.1"));
    for (const path of ["/health/live", "/health/ready"]) dataOf(await read(path, "203.0.113.1"));
    dataOf(await world.call("/devices", { headers: { "x-forwarded-for": "203.0.113.1" } }));
    assert.equal((await read("/openapi.json", "203.0.113.2")).status, 200);
  });

  it("is none when it is 0", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_ADDRESS: "0" });
    for (let times = 0; times < 5; times += 1) {
      const answer = await world.call("/openapi.json", { token: null });
      assert.deepEqual([answer.status, left(answer)], [200, {}]);
    }
  });
});

describe("The limit of unknown tokens from an address", () => {
  const guess = (world: World, headers: Record<string, string> = {}) =>
    world.call("/devices", { token: randomUUID(), headers });

  it("answers 401 so often in a minute, then 429 with Retry-After", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
    for (const rest of [1, 0]) {
      const answer = await guess(world);
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.deepEqual(left(answer), { "failed-auth": rest });
    }
    assertLimited(await guess(world));
    assertLimited(await world.call("/me", { token: null, headers: { authorization: "Basic eDp5" } }));
  });

  it("locks out no caller with a good token, be it the first time that it is used, or a new one", async (t) => {
    const master = randomUUID();
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "2", WUTS_MASTER_TOKEN: master });
    const before = await world.addUser();
    for (let count = 0; count < 3; count += 1) await guess(world);
    assertLimited(await guess(world));
    dataOf(await world.call("/me", { token: before }));
    dataOf(await world.call("/tenants", { token: master }));
    const id = textAt(dataOf(await world.call("/me")), "user", "id");
    const made = await world.call(`/users/${id}/tokens`, { method: "POST", body: { name: "new" } });
    dataOf(await world.call("/me", { token: textAt(dataOf(made, 201), "token") }));
    const user = { email: "x@example.com", role: "user" };
    const created = await world.call("/users", { method: "POST", body: user });
    dataOf(await world.call("/me", { token: textAt(dataOf(created, 201), "token") }));
    const tenant = { tenant_name: "Others", email: "x@example.com" };
    const registered = await world.call("/register", { method: "POST", body: tenant, token: master });
    dataOf(await world.call("/me", { token: textAt(dataOf(registered, 201), "token") }));
    // Made by another process.
    dataOf(await world.call("/me", { token: await world.addUser() }));
    assertLimited(await guess(world));
  });

  it("looks for no unknown token past it", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
    for (let count = 0; count < 3; count += 1) await guess(world);
    // Past the limit the server does not query the database, so it does not notice the missing table.
    assertLimited(await guess(world));
    await world.write("alter table users rename to hidden_users");
    assertLimited(await guess(world));
    assertRefused(await world.call("/me"), 500, "INTERNAL_ERROR");
    await world.write("alter table hidden_users rename to users");
    dataOf(await world.call("/me"));
  });

  it("is not gone around where no token is needed: none is looked for there", async (t) => {
    const world = await worldWith(t, {});
    await world.write("alter table users rename to hidden_users");
    dataOf(await world.call("/health/live", { token: randomUUID() }));
    assertRefused(await guess(world), 500, "INTERNAL_ERROR");
  });

  it("does not keep a revoked token working", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
    const token = await world.addUser();
    const id = textAt(dataOf(await world.call("/me", { token })), "user", "id");
    for (let count = 0; count < 3; count += 1) await guess(world);
    dataOf(await world.call("/me", { token }));
    dataOf(await world.call(`/users/${id}`, { method: "DELETE" }));
    assertLimited(await world.call("/me", { token }));
  });

  it("does not count those who send none, who know theirs, or who need none", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "1" });
    const token = await world.addUser();
    for (let count = 0; count < 3; count += 1) {
      assertRefused(await world.call("/devices", { token: null }), 401, "UNAUTHORIZED");
      assertRefused(await world.call("/users", { token }), 403, "FORBIDDEN");
      dataOf(await world.call("/health/live", { token: randomUUID() }));
      assertRefused(await world.call("/nothing", { token: randomUUID() }), 404, "NOT_FOUND");
    }
    assertRefused(await guess(world), 401, "UNAUTHORIZED");
    assertLimited(await guess(world));
    dataOf(await world.call("/health/live", { token: randomUUID() }));
    assertRefused(await world.call("/devices", { token: null }), 401, "UNAUTHORIZED");
  });

  it("believes no X-Forwarded-For, unless the proxy before it is trusted", async (t) => {
    const from = (address: string) => ({ "x-forwarded-for": address });
    const alone = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "1" });
    assertRefused(await guess(alone, from("192.0.2.1")), 401, "UNAUTHORIZED");
    assertLimited(await guess(alone, from("192.0.2.2")));
    for (const trusted of ["1", "loopback"]) {
      const behind = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "1", WUTS_TRUST_PROXY: trusted });
      assertRefused(await guess(behind, from("192.0.2.1")), 401, "UNAUTHORIZED");
      assertRefused(await guess(behind, from("192.0.2.2")), 401, "UNAUTHORIZED");
      assertLimited(await guess(behind, from("192.0.2.1")));
      // The client's own claim stands before the entry that the proxy has added.
      assertLimited(await guess(behind, from("192.0.2.9, 192.0.2.2")));
    }
  });

  it("counts the addresses of one IPv6 network together", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "1", WUTS_TRUST_PROXY: "1" });
    const from = (address: string) => guess(world, { "x-forwarded-for": address });
    assertRefused(await from("2001:db8:0:1::1"), 401, "UNAUTHORIZED");
    assertLimited(await from("2001:db8:0:ff:1234::1"));
    assertRefused(await from("2001:db8:0:100::1"), 401, "UNAUTHORIZED");
    assertRefused(await from("::ffff:192.0.2.1"), 401, "UNAUTHORIZED");
    assertLimited(await from("192.0.2.1"));
  });

  it("is none with 0", async (t) => {
    const world = await worldWith(t, { WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
    for (let count = 0; count < 30; count += 1) {
      const answer = await guess(world);
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.equal(answer.headers.get("ratelimit"), null);
    }
  });
});

describe("Counts", () => {
  it("are each server's own, and end with it", async (t) => {
    const settings = { WUTS_RATE_LIMIT_TOKEN: "1" };
    const [one, other] = [await worldWith(t, settings), await worldWith(t, settings)];
    dataOf(await one.call("/devices"));
    assertLimited(await one.call("/devices"));
    dataOf(await other.call("/devices"));
    await one.restartServer();
    dataOf(await one.call("/devices"));
  });
});

describe("The limits of a user and of a tenant", () => {
  const settings = { WUTS_RATE_LIMIT_USER: "4", WUTS_RATE_LIMIT_TENANT: "6" };

  it("count all tokens of a user together, and all users of a tenant", async (t) => {
    const world = await worldWith(t, settings);
    const ana = await world.addPerson();
    const second = randomUUID();
    await world.write(
      "insert into tokens (id, user_id, hash, name, created_at) values (?, ?, ?, 'second', ?)",
      randomUUID(),
      ana.id,
      hash("sha256", second),
      new Date().toISOString(),
    );
    const ask = (token: string) => world.call("/devices", { token });
    for (const [rest, token] of [ana.token, second, ana.token, second].entries()) {
      const answer = await ask(token);
      dataOf(answer);
      assert.partialDeepStrictEqual(left(answer), { user: 3 - rest, tenant: 5 - rest });
    }
    for (const token of [ana.token, second, ana.token]) {
      const refused = await ask(token);
      assertLimited(refused);
      assert.equal(left(refused).user, 0);
    }
    // Requests over one user's limit do not count for the other users.
    for (const rest of [1, 0]) assert.partialDeepStrictEqual(left(await ask(world.token)), { tenant: rest });
    const refused = await ask(world.token);
    assertLimited(refused);
    assert.partialDeepStrictEqual(left(refused), { user: 1, tenant: 0 });
    dataOf(await ask((await world.addPerson("user", await world.addTenant())).token));
  });
});

describe("The usual limits", () => {
  it("are on without a setting", async (t) => {
    const off = Object.fromEntries(
      ["TOKEN", "USER", "TENANT", "DEVICE", "FAILED_AUTH"].map((of) => [`WUTS_RATE_LIMIT_${of}`, ""]),
    );
    const world = await worldWith(t, off);
    const id = await world.createDevice();
    const answer = await world.call(`/devices/${id}`);
    assert.deepEqual(left(answer), { token: 598, user: 1198, tenant: 5998, device: 299 });
    assert.deepEqual(left(await call(`${world.url}/me`, { token: randomUUID() })), { "failed-auth": 19 });
    assert.equal(at(answer.body, "success"), true);
  });
});
