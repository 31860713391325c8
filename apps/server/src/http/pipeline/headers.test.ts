import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { parseContract, wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, call, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("Headers of answers", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const ask = (path: string, method = "GET") => world.call(path, { method });

  it("keep browsers from taking data for a page, a script or a picture", async () => {
    for (const path of ["/devices", "/nothing", "/health/live", "/openapi.json"]) {
      const { headers } = await ask(path);
      assert.deepEqual(
        Object.fromEntries(
          [
            "content-security-policy",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "cross-origin-resource-policy",
          ].map((name) => [name, headers.get(name)]),
        ),
        {
          "content-security-policy": "default-src 'none';frame-ancestors 'none'",
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "referrer-policy": "no-referrer",
          "cross-origin-resource-policy": "same-origin",
        },
        path,
      );
    }
  });

  it("protect the API page as well, which has a policy of its own", async () => {
    for (const path of ["/docs", "/docs/scalar.js", "/docs/contract.json"]) {
      const { headers } = await call(`${world.url}${path}`);
      assert.match(headers.get("content-security-policy") ?? "", /script-src 'self';/, path);
      assert.deepEqual(
        [headers.get("x-content-type-options"), headers.get("x-frame-options")],
        ["nosniff", "DENY"],
      );
    }
  });

  it("say nothing of what the server is made of", async () => {
    for (const path of ["/devices", "/nothing", "/docs"]) {
      const { headers } = await ask(path);
      assert.deepEqual([headers.get("x-powered-by"), headers.get("server")], [null, null], path);
    }
  });

  it("promise no TLS, which is not this server's to promise", async () => {
    assert.equal((await ask("/devices")).headers.get("strict-transport-security"), null);
  });

  describe("Cache-Control", () => {
    const kept = (path: string) => path.startsWith("/openapi");

    it("forbids to keep what any operation answers, success or error, but the contract", async () => {
      for (const { path, method } of wutsContract.operations) {
        const url = path.replaceAll(/\{[^}]+\}/g, randomUUID());
        const { headers, status } = await ask(url, method.toUpperCase());
        const expected = kept(path) ? "no-cache" : "no-store";
        assert.equal(headers.get("cache-control"), expected, `${status} ${method} ${path}`);
      }
    });

    it("forbids to keep errors, also those of what may be kept", async () => {
      for (const [path, method] of [
        ["/nothing"],
        ["/devices", "PUT"],
        ["/openapi.yaml?x=1"],
        ["/docs/nothing"],
        [`/${"x".repeat(9_000)}`],
      ] as const) {
        assert.equal((await ask(path, method)).headers.get("cache-control"), "no-store", path.slice(0, 20));
      }
      const stranger = await world.call("/devices", { token: null });
      assert.deepEqual([stranger.status, stranger.headers.get("cache-control")], [401, "no-store"]);
    });

    it("lets the API page be kept, if it is asked for again, and its script for an hour", async () => {
      for (const [path, expected] of [
        ["/docs", "no-cache"],
        ["/docs/start.js", "no-cache"],
        ["/docs/contract.json", "no-cache"],
        ["/docs/scalar.js", "public, max-age=3600"],
      ] as const) {
        const response = await fetch(`${world.url}${path}`);
        await response.arrayBuffer();
        assert.equal(response.headers.get("cache-control"), expected, path);
      }
    });
  });

  describe("a URL", () => {
    it("may have 8,192 bytes, and no more", async () => {
      const fitting = `/devices?cursor=${"x".repeat(8_192 - "/devices?cursor=".length)}`;
      assertInvalid(await ask(fitting), "cursor");
      assertInvalid(await ask(`${fitting}x`), "URL");
      assertInvalid(await ask(`/docs?${"x".repeat(8_192)}`), "URL");
      dataOf(await ask("/devices"));
    });
  });
});

describe("An error that is not as the contract describes it", () => {
  it("is a 500 that shows no stack trace, no file and nothing of the error", async (t) => {
    const described = "      required: [success, error, error_code, timestamp, request_id]";
    assert.ok(wutsContract.yaml.includes(described));
    const yaml = wutsContract.yaml.replaceAll(described, described.replace("]", ", nothing_has_this]"));
    const world = await startWorld({}, { overrides: { contract: parseContract(yaml) } });
    t.onTestFinished(() => world.stop());
    const answer = await world.call(`/devices/${randomUUID()}`);
    assertRefused(answer, 500, "INTERNAL_ERROR");
    assert.deepEqual(Object.keys(Object(answer.body)).sort(), [
      "error",
      "error_code",
      "request_id",
      "success",
      "timestamp",
    ]);
    assert.equal(at(answer.body, "error"), "internal error");
  });
});
