/**
 * The OWASP API Security Top 10 of 2023, one `describe` a risk. Each has at least one attack that works, or worked, on a
 * server of the same kind; which one is said where it is known.
 */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { operations, servedContracts, wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  type Answer,
  assertInvalid,
  assertRefused,
  at,
  dataOf,
  listAt,
  textAt,
  withoutIds,
} from "../test-support/call.ts";
import { startWorld, type World } from "../test-support/world.ts";
import { deviceRequests } from "../test-support/worlds/device-requests.ts";

const timeout = 120_000;
const master = randomUUID();
const forMetrics = randomUUID();

/** Two tenants, each with an admin; the first has a user, too. */
interface Tenants {
  readonly world: World;
  readonly admin: string;
  readonly user: string;
  readonly userId: string;
  /** Of another tenant. */
  readonly stranger: string;
  readonly strangerId: string;
}

async function startTenants(settings: Record<string, string> = {}): Promise<Tenants> {
  const world = await startWorld({ WUTS_MASTER_TOKEN: master, WUTS_METRICS_TOKEN: forMetrics, ...settings });
  const created = dataOf(
    await world.call("/users", {
      method: "POST",
      body: { email: "user@example.com", role: "user" },
    }),
    201,
  );
  const registered = dataOf(
    await world.call("/register", {
      method: "POST",
      token: master,
      body: { tenant_name: "Strangers", email: "admin@example.com" },
    }),
    201,
  );
  return {
    world,
    admin: world.token,
    user: textAt(created, "token"),
    userId: textAt(created, "user", "id"),
    stranger: textAt(registered, "token"),
    strangerId: textAt(registered, "user", "id"),
  };
}

describe("OWASP API Security Top 10 (2023)", { timeout }, () => {
  let tenants: Tenants;
  beforeAll(async () => {
    tenants = await startTenants();
  });
  afterAll(() => tenants.world.stop());

  describe("API1 Broken object level authorization", () => {
    // OpenWA 203 and 324: sessions of other tenants could be read and used by their id.
    it("ids of another tenant's devices open nothing", async () => {
      const { world, stranger } = tenants;
      const device = await world.createDevice("Ours");
      const before = dataOf(await world.call(`/devices/${device}`));
      const attacks = deviceRequests(device);
      assert.ok(attacks.length >= 20);
      const unregisteredNumbers = deviceRequests(randomUUID());
      for (const [index, attack] of attacks.entries()) {
        const other = unregisteredNumbers[index];
        assert.ok(other);
        const refused = await world.call(attack.path, { ...attack, token: stranger });
        assertSameButForIds(refused, await world.call(other.path, { ...other, token: stranger }));
      }
      assert.deepEqual(dataOf(await world.call(`/devices/${device}`)), before);
    });

    it("ids of another tenant's users and tokens open nothing", async () => {
      const { world, stranger, admin, userId } = tenants;
      const [token] = listAt(dataOf(await world.call(`/users/${userId}/tokens`)), "items");
      const attacks: [path: string, method?: string, body?: unknown][] = [
        [`/users/${userId}`],
        [`/users/${userId}`, "PATCH", { active: false }],
        [`/users/${userId}`, "DELETE"],
        [`/users/${userId}`, "PATCH", { role: "admin" }],
        [`/users/${userId}/tokens`],
        [`/users/${userId}/tokens`, "POST", { name: "Mine now" }],
        [`/users/${userId}/tokens/${textAt(token, "id")}`, "DELETE"],
      ];
      for (const [path, method = "GET", body] of attacks) {
        assertRefused(await world.call(path, { method, token: stranger, body }), 404, "USER_NOT_FOUND");
      }
      assert.equal(at(dataOf(await world.call(`/users/${userId}`, { token: admin })), "active"), true);
    });

    it("a list shows nothing of another tenant, whatever its cursor says", async () => {
      const { world, stranger, strangerId } = tenants;
      const first = dataOf(await world.call("/users?limit=1"));
      const cursor = textAt(first, "next_cursor");
      const items = listAt(dataOf(await world.call(`/users?cursor=${cursor}`, { token: stranger })), "items");
      assert.ok(items.every((item) => at(item, "id") === strangerId));
    });
  });

  describe("API2 Broken authentication", () => {
    // WAHA 1069 and fazer-ai 159: keys in URLs, which proxies log.
    it("tokens are read from the header only", async () => {
      const { world, admin } = tenants;
      for (const name of ["token", "access_token", "apikey", "api_key", "x-api-key", "authorization"]) {
        const inQuery = await world.call(`/devices?${name}=${admin}`, { token: null });
        assert.ok([400, 401].includes(inQuery.status), `${name} in the query: ${inQuery.status}`);
        for (const header of [name.replaceAll("_", "-"), "cookie"]) {
          if (header === "authorization") continue;
          const headers = { [header]: header === "cookie" ? `${name}=${admin}` : admin };
          assertRefused(await world.call("/devices", { token: null, headers }), 401, "UNAUTHORIZED");
        }
      }
    });

    // Evolution API and WAHA came up open, or with a publicly known key.
    it("there is no token that is publicly known, and no operation open by accident", async () => {
      const { world } = tenants;
      for (const guess of [
        "",
        "admin",
        "secret",
        "change-me",
        "undefined",
        "null",
        "00000000-0000-4000-8000-000000000000",
      ]) {
        assertRefused(await world.call("/devices", { token: guess }), 401, "UNAUTHORIZED");
      }
      for (const { method, path, public: open } of operations) {
        if (open) continue;
        const options = { method: method.toUpperCase(), token: null };
        const answer = await world.call(path.replaceAll(/\{[^}]+\}/g, randomUUID()), options);
        assertRefused(answer, 401, "UNAUTHORIZED");
      }
    });

    it("tokens that were revoked, have expired or belong to a disabled user are unknown, at once", async () => {
      const { world, user, userId } = tenants;
      const made = dataOf(
        await world.call(`/users/${userId}/tokens`, { method: "POST", body: { name: "Short" }, token: user }),
        201,
      );
      const [id, token] = [textAt(made, "id"), textAt(made, "token")];
      dataOf(await world.call("/me", { token }));
      dataOf(await world.call(`/users/${userId}/tokens/${id}`, { method: "DELETE", token }));
      assertRefused(await world.call("/me", { token }), 401, "UNAUTHORIZED");

      dataOf(await world.call(`/users/${userId}`, { method: "PATCH", body: { active: false } }));
      assertRefused(await world.call("/me", { token: user }), 401, "UNAUTHORIZED");
      dataOf(await world.call(`/users/${userId}`, { method: "PATCH", body: { active: true } }));
      dataOf(await world.call("/me", { token: user }));

      await world.write(
        "update tokens set expires_at = '2020-01-01T00:00:00.000Z' where user_id = ?",
        userId,
      );
      assertRefused(await world.call("/me", { token: user }), 401, "UNAUTHORIZED");
      await world.write("update tokens set expires_at = null where user_id = ?", userId);
    });

    it("guessing is cut short for the address, and others there are still served", async () => {
      const { world, admin, stop } = await withLimits({ WUTS_RATE_LIMIT_FAILED_AUTH: "5" });
      try {
        for (let guess = 0; guess < 5; guess += 1) {
          assertRefused(await world.call("/devices", { token: randomUUID() }), 401, "UNAUTHORIZED");
        }
        assertRefused(await world.call("/devices", { token: randomUUID() }), 429, "RATE_LIMITED");
        dataOf(await world.call("/devices", { token: admin }));
      } finally {
        await stop();
      }
    });
  });

  describe("API3 Broken object property level authorization", () => {
    // The API that this one follows lists every user's token.
    it("nothing that is answered holds a token or a hash", async () => {
      const { world, admin, user, userId } = tenants;
      const answers = await Promise.all(
        ["/me", "/users", `/users/${userId}`, `/users/${userId}/tokens`, "/audit", "/devices"].map((path) =>
          world.call(path),
        ),
      );
      const secrets = [admin, user, master, forMetrics, "hash"];
      const hashes = (await world.rows("select hash from tokens")).map((row) => at(row, "hash"));
      const text = JSON.stringify(answers.map((answer) => dataOf(answer)));
      for (const secret of [...secrets, ...hashes]) {
        if (typeof secret === "string")
          assert.ok(!text.includes(secret), `an answer holds ${secret.slice(0, 4)}…`);
      }
    });

    it("fields that no caller may set are refused, not ignored and not taken", async () => {
      const { world, userId, strangerId } = tenants;
      const attacks: [path: string, method: string, body: Record<string, unknown>, field: string][] = [
        ["/devices", "POST", { name: "Mine", user_id: strangerId }, "user_id"],
        ["/devices", "POST", { name: "Mine", state: "connected" }, "state"],
        ["/users", "POST", { email: "a@example.com", role: "user", tenant_id: randomUUID() }, "tenant_id"],
        ["/users", "POST", { email: "a@example.com", role: "user", active: true }, "active"],
        [`/users/${userId}`, "PATCH", { active: true, tenant_id: randomUUID() }, "tenant_id"],
        [`/users/${userId}`, "PATCH", { active: true, email: "new@example.com" }, "email"],
        [`/users/${userId}/tokens`, "POST", { name: "Mine", token: randomUUID() }, "token"],
        [`/users/${userId}`, "PATCH", { role: "owner" }, "role"],
      ];
      for (const [path, method, body, field] of attacks) {
        assertInvalid(await world.call(path, { method, body }), field);
      }
    });

    it("no user can raise their own role, by whatever field", async () => {
      const { world, user, userId } = tenants;
      for (const body of [{ role: "admin" }, { role: "admin", active: true }]) {
        assertRefused(
          await world.call(`/users/${userId}`, { method: "PATCH", body, token: user }),
          403,
          "FORBIDDEN",
        );
      }
      assert.equal(at(dataOf(await world.call("/me", { token: user })), "user", "role"), "user");
    });
  });

  describe("API4 Unrestricted resource consumption", () => {
    it("bodies, headers, URLs and pages have a size", async () => {
      const { world } = tenants;
      assertRefused(
        await world.call("/devices", { method: "POST", body: { name: "x".repeat(1_000_000) } }),
        413,
        "PAYLOAD_TOO_LARGE",
      );
      assertInvalid(await world.call("/devices?limit=1000000000"), "limit");
      assert.equal((await world.call(`/devices?cursor=${"x".repeat(100_000)}`)).status, 400);
      assert.equal(
        (await world.call("/devices", { headers: { "x-filler": "x".repeat(100_000) } })).status,
        400,
      );
      const nested = `{"name":${"[".repeat(40_000)}${"]".repeat(40_000)}}`;
      assert.equal((await world.call("/devices", { method: "POST", body: nested })).status, 400);
    });

    it("a token and a device may be used so often, and the answer says when again", async () => {
      const { world, stop } = await withLimits({ WUTS_RATE_LIMIT_TOKEN: "10", WUTS_RATE_LIMIT_DEVICE: "3" });
      try {
        const device = await world.createDevice();
        for (let asked = 0; asked < 3; asked += 1) dataOf(await world.call(`/status?device_id=${device}`));
        const limited = await world.call(`/status?device_id=${device}`);
        assertRefused(limited, 429, "RATE_LIMITED");
        assert.match(limited.headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
        const answers = await Promise.all(Array.from({ length: 10 }, () => world.call("/me")));
        assert.ok(answers.some(({ status }) => status === 200));
        assertRefused(await world.call("/me"), 429, "RATE_LIMITED");
      } finally {
        await stop();
      }
    });

    it("a client that sends its header slowly is cut off", async () => {
      const { world, stop } = await withLimits({ WUTS_HEADERS_TIMEOUT_MS: "300" });
      try {
        const { hostname, port } = new URL(world.url);
        const socket = connect(Number(port), hostname);
        socket.on("error", () => undefined);
        await once(socket, "connect");
        socket.write("GET /devices HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        socket.resume();
        await once(socket, "close");
      } finally {
        await stop();
      }
    });
  });

  describe("API5 Broken function level authorization", () => {
    // GOWA and wuzapi tell admins from others by the path only.
    it("a caller with a lower role than the contract says gets 403 from every operation above it", async () => {
      const { world, user } = tenants;
      const above = operations.filter(({ role }) => ["manager", "admin", "master"].includes(role));
      assert.ok(above.length >= 8);
      for (const { method, path } of above) {
        const options = { method: method.toUpperCase(), token: user };
        const answer = await world.call(path.replaceAll(/\{[^}]+\}/g, randomUUID()), options);
        assertRefused(answer, 403, "FORBIDDEN");
      }
    });

    it("no other way to write a path or a method gets past that", async () => {
      const { world, user } = tenants;
      for (const path of [
        "/Users",
        "/users/",
        "//users",
        "/%75sers/",
        "/users;x=1",
        "/users/.",
        "/me/../users",
        "/users%2f",
        "/users?_method=POST",
      ]) {
        const answer = await raw(world.url, path, user);
        assert.ok([400, 403, 404].includes(answer), `${path}: ${answer}`);
      }
      const before = (await world.rows("select id from users")).length;
      for (const header of ["x-http-method-override", "x-http-method", "x-method-override"]) {
        await world.call("/devices", { token: user, headers: { [header]: "DELETE" } });
        assertRefused(
          await world.call("/users", { token: user, headers: { [header]: "POST" } }),
          403,
          "FORBIDDEN",
        );
      }
      assert.equal((await world.rows("select id from users")).length, before);
    });

    it("users' tokens and those of the server do not stand in for each other", async () => {
      const { world, admin } = tenants;
      for (const token of [admin, master])
        assertRefused(await world.call("/metrics", { token }), 401, "UNAUTHORIZED");
      assertRefused(await world.call("/tenants", { token: forMetrics }), 401, "UNAUTHORIZED");
      assertRefused(await world.call("/devices", { token: forMetrics }), 401, "UNAUTHORIZED");
      assertRefused(await world.call("/tenants", { token: admin }), 403, "FORBIDDEN");
      assertRefused(await world.call("/devices", { token: master }), 401, "UNAUTHORIZED");
    });
  });

  describe("API6 Unrestricted access to sensitive business flows", () => {
    // Repeated requests for codes make a person's phone ring, and get accounts banned.
    it("asking again for a pairing code bothers the phone once, and WhatsApp is asked no more than the limit allows", async () => {
      const { world, stop } = await withLimits({ WUTS_RATE_LIMIT_DEVICE: "4" });
      try {
        world.simulator.addAccount({ phone: "5511999999999" });
        const device = await world.createDevice();
        const ask = (refresh: string) =>
          world.call(`/paircode?device_id=${device}${refresh}`, {
            method: "POST",
            body: { number: "5511999999999" },
          });
        const first = dataOf(await ask(""));
        const second = dataOf(await ask(""));
        assert.equal(at(second, "code"), at(first, "code"));
        assert.equal(at(second, "cached"), true);
        await ask("&refresh=1");
        await ask("&refresh=1");
        assertRefused(await ask("&refresh=1"), 429, "RATE_LIMITED");
      } finally {
        await stop();
      }
    });
  });

  describe("API7 Server side request forgery", () => {
    // Evolution API calls whatever URL a webhook is given, inside the network too.
    it("a webhook URL is not taken, and not called", async () => {
      const { world } = tenants;
      let calls = 0;
      const inside = createServer((_request, response) => {
        calls += 1;
        response.end();
      });
      inside.on("connection", () => {
        calls += 1;
      });
      inside.listen(0, "127.0.0.1");
      await once(inside, "listening");
      const address = inside.address();
      const port = typeof address === "object" && address ? address.port : 0;
      for (const webhook_url of [
        `http://127.0.0.1:${port}/`,
        `https://127.0.0.1:${port}/`,
        "file:///etc/passwd",
      ]) {
        const body = { email: "one@example.com", role: "user", webhook_url };
        assertInvalid(await world.call("/users", { method: "POST", body }), "webhook_url");
      }
      await new Promise((resolve) => inside.close(resolve));
      assert.equal(calls, 0);
    });

    it("no parameter that is described takes a URL to ask for", () => {
      const text = JSON.stringify(wutsContract.document.paths);
      assert.ok(!/"name":"[a-z_]*(?:url|uri|host|callback)[a-z_]*"/.test(text));
    });
  });

  describe("API8 Security misconfiguration", () => {
    it("errors tell nothing about the inside, and no answer names the software", async () => {
      const { world } = tenants;
      const answers = await Promise.all([
        world.call("/nothing"),
        world.call("/devices", { method: "POST", body: "{" }),
        world.call("/devices/%ff"),
        world.call("/devices/x"),
        world.call("/devices", { token: null }),
        world.call("/devices", { method: "PATCH" }),
      ]);
      for (const { headers, body, status } of answers) {
        assert.ok(status >= 400 && status < 500);
        assert.doesNotMatch(JSON.stringify(body), /node_modules|\.ts\b|at [A-Z]\w+\.|SQLITE|Kysely|Express/);
        assert.equal(headers.get("x-powered-by"), null);
        assert.equal(headers.get("server"), null);
      }
    });

    it("answers carry the headers that keep browsers out, and no other origin may read them", async () => {
      const { world } = tenants;
      const answer = await world.call("/me", { headers: { origin: "https://evil.example" } });
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      assert.match(
        answer.headers.get("content-security-policy") ?? "",
        /default-src 'none'|default-src 'self'/,
      );
    });
  });

  describe("API9 Improper inventory management", () => {
    // WAHA, Evolution API and WPPConnect have routes that their documents do not know.
    it("what is not in the contract is not there", async () => {
      const { world, admin } = tenants;
      const usual = [
        "/admin",
        "/debug",
        "/debug/vars",
        "/swagger",
        "/api-docs",
        "/graphql",
        "/v1/devices",
        "/api/devices",
        "/.env",
        "/.git/config",
        "/manager",
        "/instance/create",
        "/sessions",
        "/server-status",
      ];
      for (const path of usual) {
        for (const method of ["GET", "POST"]) {
          assertRefused(await world.call(path, { method, token: admin }), 404, "NOT_FOUND");
        }
      }
    });

    it("the document that is served is the one that is enforced", async () => {
      const { world } = tenants;
      assert.equal(
        (await world.call("/openapi.yaml")).body,
        servedContracts.getContractYaml(wutsContract, world.url),
      );
    });
  });

  describe("API10 Unsafe consumption of APIs", () => {
    let device: string;
    beforeAll(async () => {
      const { world } = tenants;
      world.simulator.addAccount({ phone: "5511900000000" });
      world.simulator.addAccount({ phone: "5511999999999", picture: { id: "1700000000" } });
      device = await world.pairedDevice("5511900000000");
    });

    // Rivals hand on what WhatsApp says as it is.
    for (const url of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "not a URL", ""]) {
      it(`a picture whose URL is ${JSON.stringify(url)} is not handed on`, async () => {
        const { world } = tenants;
        const picture = {
          tag: "picture",
          attrs: { id: "1700000000", type: "preview", url, direct_path: "/x" },
        };
        const undo = world.simulator.faults.malformed("iq w:profile:picture get", [picture]);
        const answer = await world.call(`/contacts/profile-picture?number=5511999999999&device_id=${device}`);
        undo();
        assertRefused(answer, 502, "WHATSAPP_ERROR");
        assert.ok(url === "" || !JSON.stringify(answer.body).includes(url));
      });
    }
  });
});

/** A world of its own with these limits, since limits outlive a test. */
async function withLimits(settings: Record<string, string>) {
  const { world, admin } = await startTenants(settings);
  return { world, admin, stop: () => world.stop() };
}

/** Asserts that two callers cannot tell the responses apart. */
function assertSameButForIds(one: Answer, other: Answer): void {
  assert.deepEqual(withoutIds(one), withoutIds(other));
}

/** Sends a path as it is written. @returns the status */
async function raw(url: string, path: string, token: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const sent = httpRequest({ host: hostname, port, path, headers: { authorization: `Bearer ${token}` } });
  sent.end();
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode;
}
