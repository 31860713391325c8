import assert from "node:assert/strict";
import { wutsContract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { assertRefused, type CallOptions, dataOf } from "../../test-support/call.ts";
import { startWorld } from "../../test-support/world.ts";

const app = "https://app.example.com";
const other = "http://localhost:5173";
const stranger = "https://evil.example.com";

/** A server that lets these origins ask, and a browser's way to ask it. */
async function askFrom(t: TestContext, origins: string) {
  const world = await startWorld({ WUTS_CORS_ORIGINS: origins });
  t.onTestFinished(() => world.stop());
  return {
    world,
    ask: (origin: string, path = "/devices", options: CallOptions = {}) =>
      world.call(path, { ...options, headers: { origin } }),
    preflight: (origin: string, path = "/devices", method = "POST") =>
      world.call(path, {
        method: "OPTIONS",
        token: null,
        headers: {
          origin,
          "access-control-request-method": method,
          "access-control-request-headers": "authorization,content-type",
        },
      }),
  };
}

const corsHeaders = (headers: Headers) =>
  [...headers.keys()].filter((name) => name.startsWith("access-control-"));
const listIn = (headers: Headers, name: string) => (headers.get(name) ?? "").split(/, ?/).sort();

describe("Without WUTS_CORS_ORIGINS", () => {
  it("no page of another origin may read an answer, or send more than a form could", async (t) => {
    const { ask, preflight } = await askFrom(t, "");
    const answer = await ask(app);
    dataOf(answer);
    assert.deepEqual([corsHeaders(answer.headers), answer.headers.get("vary")], [[], null]);
    const refused = await preflight(app);
    assertRefused(refused, 405, "METHOD_NOT_ALLOWED");
    assert.deepEqual(corsHeaders(refused.headers), []);
  });
});

describe("With origins in WUTS_CORS_ORIGINS", () => {
  it("their pages may read what is answered, with the headers that say more", async (t) => {
    const { ask } = await askFrom(t, `${app}, ${other}`);
    for (const origin of [app, other]) {
      const { headers } = await ask(origin);
      assert.equal(headers.get("access-control-allow-origin"), origin);
      assert.equal(headers.get("vary"), "Origin");
      assert.deepEqual(listIn(headers, "access-control-expose-headers"), [
        "Accept-Ranges",
        "Allow",
        "Content-Range",
        "ETag",
        "Idempotency-Replayed",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "WWW-Authenticate",
        "X-Request-Id",
      ]);
    }
  });

  it("their pages may read errors, too", async (t) => {
    const { ask } = await askFrom(t, app);
    for (const [status, path, options] of [
      [400, "/devices?x=1", {}],
      [401, "/devices", { token: null }],
      [404, "/nothing", {}],
      [405, "/devices", { method: "PUT" }],
    ] as const) {
      const answer = await ask(app, path, options);
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("access-control-allow-origin"), app, path);
    }
  });

  it("others may not, however similar", async (t) => {
    const { ask, preflight } = await askFrom(t, app);
    for (const origin of [stranger, "http://app.example.com", `${app}:8443`, `${app}.evil.com`, "null"]) {
      for (const { headers } of [await ask(origin), await preflight(origin)]) {
        assert.equal(headers.get("access-control-allow-origin"), null, origin);
        assert.equal(headers.get("vary"), "Origin");
      }
    }
  });

  it("pre-flights are answered 204 for every path of the contract, with its methods", async (t) => {
    const { preflight } = await askFrom(t, app);
    for (const { path } of wutsContract.operations) {
      const { status, headers, body } = await preflight(app, path.replaceAll(/\{[^}]+\}/g, "x"));
      assert.deepEqual([status, body], [204, ""], path);
      assert.equal(headers.get("access-control-allow-origin"), app);
      assert.equal(headers.get("access-control-max-age"), "600");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.ok(headers.has("x-request-id"));
      assert.deepEqual(listIn(headers, "access-control-allow-headers"), [
        "Authorization",
        "Cache-Control",
        "Content-Type",
        "Idempotency-Key",
        "If-None-Match",
        "If-Range",
        "Range",
        "X-Request-Id",
        "traceparent",
        "tracestate",
      ]);
      const methods = wutsContract.operations.filter((each) => each.path === path);
      assert.deepEqual(
        listIn(headers, "access-control-allow-methods"),
        methods.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])).sort(),
      );
    }
  });

  it("other paths have none, and OPTIONS that is no pre-flight is a method like others", async (t) => {
    const { ask, preflight } = await askFrom(t, app);
    assertRefused(await preflight(app, "/nothing"), 404, "NOT_FOUND");
    assertRefused(await ask(app, "/devices", { method: "OPTIONS" }), 405, "METHOD_NOT_ALLOWED");
  });

  it("no client is asked to send cookies", async (t) => {
    for (const origins of [app, "*"]) {
      const { ask, preflight } = await askFrom(t, origins);
      for (const { headers } of [await ask(app), await preflight(app)]) {
        assert.equal(headers.get("access-control-allow-credentials"), null);
      }
    }
  });
});

describe("With WUTS_CORS_ORIGINS=*", () => {
  it("every page may ask", async (t) => {
    const { ask, preflight } = await askFrom(t, "*");
    for (const origin of [app, stranger, "null"]) {
      assert.equal((await ask(origin)).headers.get("access-control-allow-origin"), "*");
      const answer = await preflight(origin);
      assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [204, "*"]);
    }
  });
});
