import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { assertRefused, call, textAt } from "@wuts/server/test-support/call";
import { captureLog } from "@wuts/server/test-support/captured-log";
import { startWorld, type World } from "@wuts/server/test-support/world";
import { afterAll, beforeAll, describe, it } from "vitest";

describe("/console/", () => {
  const phoneUrl = 'http://127.0.0.1:1/?a="><script>&b$&';
  let world: World;
  let page: string;
  beforeAll(async () => {
    world = await startWorld({}, { overrides: { phoneUrl } });
    page = await (await fetch(`${world.url}/console/`)).text();
  });
  afterAll(() => world.stop());

  /** Sends a path as it is; `fetch` would shorten some. */
  async function askFor(path: string) {
    const { hostname, port } = new URL(world.url);
    const [response] = await once(request({ hostname, port, path }).end(), "response");
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  }

  const assets = () => [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path ?? "");

  it("is a public page, which is asked for again each time", async () => {
    for (const path of ["/console/", "/console/index.html", "/console/?from=mail"]) {
      const { status, headers, body } = await call(`${world.url}${path}`);
      assert.deepEqual(
        [status, headers.get("content-type"), headers.get("cache-control"), body],
        [200, "text/html; charset=utf-8", "no-cache", page],
      );
    }
    const head = await call(`${world.url}/console/`, { method: "HEAD" });
    assert.deepEqual([head.status, head.body], [200, ""]);
  });

  it("names what it loads relative to itself, and that is kept for ever where its name changes with it", async () => {
    assert.deepEqual(
      assets()
        .map((path) => path.replace(/-[\w-]+\./, "."))
        .sort(),
      ["assets/index.css", "assets/index.js", "icon.svg"],
    );
    for (const path of assets()) {
      const { status, headers } = await call(`${world.url}/console/${path}`);
      const kept = path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
      assert.deepEqual([status, headers.get("cache-control")], [200, kept], path);
      assert.match(headers.get("content-type") ?? "", /^(?:text\/(?:css|javascript)|image\/svg\+xml)/, path);
    }
  });

  it("may run and load what this server has, and nothing that stands in the page", async () => {
    for (const path of ["", ...assets()]) {
      const { headers } = await call(`${world.url}/console/${path}`);
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
          "content-security-policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "x-content-type-options": "nosniff",
          "x-frame-options": "DENY",
          "referrer-policy": "no-referrer",
          "cross-origin-resource-policy": "same-origin",
        },
        path,
      );
    }
  });

  it("is where /console leads to, below whatever path a proxy has it", async () => {
    const { status, headers } = await askFor("/console?from=mail");
    assert.deepEqual([status, headers.location], [308, "console/"]);
    assert.equal(
      String(new URL(String(headers.location), "http://proxy/wuts/console")),
      "http://proxy/wuts/console/",
    );
  });

  it("is told where the simulated phone is, in a way that stays a text", () => {
    const [, content = ""] = /<meta name="wuts-phone" content="([^"]*)"/.exec(page) ?? [];
    assert.equal(content, "http://127.0.0.1:1/?a=&quot;>&lt;script>&amp;b$&amp;");
  });

  it("gets no phone where there is none", async (t) => {
    const other = await startWorld();
    t.onTestFinished(() => other.stop());
    assert.match(String((await call(`${other.url}/console/`)).body), /<meta name="wuts-phone" content=""/);
  });

  for (const path of [
    "nothing",
    "assets",
    "assets/",
    "assets/nothing.js",
    "/index.html",
    "../package.json",
    "%2e%2e/package.json",
    "..%2fpackage.json",
    "assets/..%2f..%2fpackage.json",
    "..%5cpackage.json",
    ".gitignore",
    "%00",
    "%ff",
  ]) {
    it(`has nothing at ${path}`, async () => {
      const { status, headers, body } = await askFor(`/console/${path}`);
      assert.equal(headers["cache-control"], "no-store");
      assertRefused(
        {
          status: status ?? 0,
          headers: new Headers({ "x-request-id": String(headers["x-request-id"]) }),
          body: JSON.parse(body),
        },
        404,
        "NOT_FOUND",
      );
    });
  }

  it("is not there before it is built, which the answer and the log say, and all else works", async (t) => {
    const { log, logged } = captureLog();
    const other = await startWorld({}, { overrides: { log, consoleFolder: `${world.dataDir}/nothing` } });
    t.onTestFinished(() => other.stop());
    const message = "there is no console: npm run build makes it";
    for (const path of ["/console", "/console/", "/console/assets/index.js"]) {
      const answer = await call(`${other.url}${path}`);
      assertRefused(answer, 404, "NOT_FOUND");
      assert.equal(textAt(answer.body, "error"), message);
    }
    assert.equal(logged(message).length, 1);
    assert.equal((await call(`${other.url}/health/live`)).status, 200);
    assert.equal((await other.call("/me")).status, 200);
  });

  it("takes nothing", async () => {
    for (const path of ["/console", "/console/", "/console/icon.svg"]) {
      for (const method of ["POST", "PUT", "DELETE"])
        assertRefused(await call(`${world.url}${path}`, { method }), 404, "NOT_FOUND");
    }
  });
});
