import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, call, dataOf, textAt } from "../test-support/call.ts";
import { startWorld, type World } from "../test-support/world.ts";

describe("Requests that no operation describes", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("404", () => {
    for (const path of [
      "/",
      "/nothing",
      "/devices/",
      "/Devices",
      "/devices/a/b",
      "//devices",
      "/openapi.yml",
    ]) {
      it(`says NOT_FOUND for ${path}, known or not`, async () => {
        assertRefused(await world.call(path), 404, "NOT_FOUND");
        assertRefused(await world.call(path, { token: null }), 404, "NOT_FOUND");
      });
    }
  });

  describe("405", () => {
    for (const [method, path, allow] of [
      ["DELETE", "/devices", "GET, HEAD, POST"],
      ["POST", "/qr", "GET, HEAD"],
      ["GET", "/paircode", "POST"],
      ["PUT", "/devices/7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10", "GET, HEAD, DELETE, PATCH"],
      ["POST", "/contacts/profile-picture", "GET, HEAD"],
      ["OPTIONS", "/status", "GET, HEAD"],
    ] as const) {
      it(`says METHOD_NOT_ALLOWED for ${method} ${path}, and which are`, async () => {
        const answer = await world.call(path, { method });
        assertRefused(answer, 405, "METHOD_NOT_ALLOWED");
        assert.equal(answer.headers.get("allow"), allow);
      });
    }
  });
});

describe("Requests that cannot be read", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "1024" });
  });
  afterAll(() => world.stop());

  const create = (body: string, headers: Record<string, string> = {}) =>
    world.call("/devices", { method: "POST", body, headers });

  describe("400", () => {
    for (const body of ["{", '{"name":"x"', "name=x", '"x"', "\u0000", "5"]) {
      it(`refuses ${JSON.stringify(body)} as a body`, async () => assertInvalid(await create(body), "body"));
    }

    it("refuses a path that is not encoded as paths are", async () => {
      assertRefused(await world.call("/devices/%ZZ"), 400, "VALIDATION_ERROR");
    });

    it("takes a query that is not encoded as queries are for what it says", async () => {
      const answer = await world.call("/contacts/profile-picture?number=%ZZ");
      assertRefused(answer, 400, "VALIDATION_ERROR");
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE without reading on", async () => {
      assertRefused(await create(JSON.stringify({ name: "x".repeat(2_000) })), 413, "PAYLOAD_TOO_LARGE");
    });

    it("says so of a body whose length is not told before, and takes the next request", async () => {
      const body = new ReadableStream({
        start(controller) {
          for (let count = 0; count < 10; count += 1) controller.enqueue(Buffer.alloc(600, "x"));
          controller.close();
        },
      });
      const response = await fetch(`${world.url}/devices`, {
        method: "POST",
        headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
        body,
        duplex: "half",
      });
      assert.equal(response.status, 413);
      assert.equal(at(await response.json(), "error_code"), "PAYLOAD_TOO_LARGE");
      dataOf(await world.call("/devices"));
    });
  });

  describe("a body without an end", () => {
    it("is answered 413 while it is being sent, and then cut off", async () => {
      const sending = request(`${world.url}/devices`, {
        method: "POST",
        headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json" },
      });
      const ended = new Promise((resolve) => sending.once("close", resolve));
      sending.on("error", () => undefined);
      const sendOn = () => {
        if (sending.destroyed) return;
        sending.write(Buffer.alloc(600, "x"), () => setImmediate(sendOn));
      };
      sendOn();
      const [answer]: IncomingMessage[] = await once(sending, "response");
      assert.equal(answer?.statusCode, 413);
      answer.resume();
      await ended;
      dataOf(await world.call("/devices"));
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE of what is not JSON", async () => {
      const answer = await create("<name/>", { "content-type": "application/xml" });
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });

    for (const encoding of ["gzip", "br", "snappy"]) {
      it(`says UNSUPPORTED_MEDIA_TYPE of a body in content-encoding ${encoding}`, async () => {
        const answer = await create('{"name":"x"}', { "content-encoding": encoding });
        assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
      });
    }

    it("says UNSUPPORTED_MEDIA_TYPE of an unknown charset", async () => {
      const answer = await create('{"name":"x"}', { "content-type": "application/json; charset=klingon" });
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });

  describe("401", () => {
    it("reads no body of a stranger, however large", async () => {
      const body = "x".repeat(500_000);
      const answer = await world.call("/devices", { method: "POST", body, token: null });
      assertRefused(answer, 401, "UNAUTHORIZED");
    });
  });
});

describe("X-Request-Id", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const withId = (id: string, path = "/health/live") =>
    call(`${world.url}${path}`, { headers: { "x-request-id": id } });

  it("is kept when the caller sends one, in successes and in errors", async () => {
    const id = "order-66_A";
    assert.equal((await withId(id)).headers.get("x-request-id"), id);
    for (const path of ["/nothing", "/devices", "/health/live?x=1", "/docs/nothing"]) {
      const answer = await withId(id, path);
      assert.equal(answer.headers.get("x-request-id"), id);
      assert.equal(textAt(answer.body, "request_id"), id);
    }
  });

  for (const id of ["", "a b", "a".repeat(65), "ü", "<script>"]) {
    it(`is made again for "${id.slice(0, 10)}"`, async () => {
      const answer = await withId(encodeURIComponent(id) === id ? id : "a b");
      assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    });
  }

  it("differs from request to request", async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await world.call("/devices")).headers.get("x-request-id")),
    );
    assert.equal(new Set(ids).size, 3);
  });
});

describe("/docs", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it("is a public page, whose scripts and styles all come from this server", async () => {
    const page = await call(`${world.url}/docs`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
    const html = String(page.body);
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    assert.match(html, /rel="icon"/, "browsers would ask for /favicon.ico, and complain of the 404");
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    assert.ok(assets.length > 0);
    for (const path of assets) {
      const asset = await fetch(new URL(path, `${world.url}/docs`));
      assert.equal(asset.status, 200, path);
      assert.match(asset.headers.get("content-type") ?? "", /javascript|css|svg|png/, path);
      assert.ok((await asset.arrayBuffer()).byteLength > 100, path);
    }
  });

  it("tells the browser to load nothing from elsewhere", async () => {
    const { headers } = await call(`${world.url}/docs`);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self';/);
    assert.doesNotMatch(policy, /https?:|\*|'unsafe-eval'/);
  });
});
