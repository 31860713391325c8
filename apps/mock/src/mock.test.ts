import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { parseContract, wutsContract } from "@wuts/contract";
import { afterAll, describe, it } from "vitest";
import { bearer, caller, json, token } from "../test/call.ts";
import { smallContract } from "../test/small-contract.ts";
import { startMock } from "./mock.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const call = caller(mock.url);

describe("a request that the contract allows", () => {
  it("is answered with the first example of the success", async () => {
    const { status, body } = await call("/devices");
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { success: true, data: { items: [{ name: "Reception" }] } });
  });

  for (const query of [
    "jid=5511999999999@s.whatsapp.net",
    "jid=5511999999999@s.whatsapp.net&preview=0",
    "number=%2B55 (11) 99999-9999&preview=false&existing_id=1700000000",
    "number=5511999999999&preview=1&device_id=7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10",
  ]) {
    it(`may be GET /contacts/profile-picture?${query}`, async () => {
      assert.equal((await call(`/contacts/profile-picture?${query}`)).status, 200);
    });
  }

  it("may carry the token with the scheme in any case, or bare", async () => {
    for (const value of [`Bearer ${token}`, `bearer ${token}`, `BEARER ${token}`, token]) {
      assert.equal((await call("/status", { headers: { Authorization: value } })).status, 200, value);
    }
  });

  it("needs no token for the system operations", async () => {
    assert.equal((await call("/health/live", { headers: {} })).status, 200);
    assert.match((await call("/openapi.yaml", { headers: {} })).text, /^openapi: 3\.1\.0$/m);
  });

  it("may create a device", async () => {
    const body = JSON.stringify({ name: "Reception" });
    const answer = await call("/devices", { method: "POST", headers: json, body });
    assert.equal(answer.status, 201);
    assert.partialDeepStrictEqual(answer.body, { success: true, data: { state: "unpaired" } });
  });
});

describe("X-Request-Id", () => {
  it("is kept when it is well formed, and repeated in errors", async () => {
    const { headers, body } = await call("/nowhere", { headers: { "X-Request-Id": "my-request_1" } });
    assert.equal(headers.get("x-request-id"), "my-request_1");
    assert.partialDeepStrictEqual(body, { request_id: "my-request_1" });
  });

  it("is made again otherwise", async () => {
    for (const id of ["a b", "x".repeat(65), ""]) {
      const { headers } = await call("/devices", { headers: { ...bearer, "X-Request-Id": id } });
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    }
  });
});

describe("CORS", () => {
  it("lets a page of any origin send Authorization and Prefer", async () => {
    const answer = await preflight("authorization, prefer");
    const allowed = `${answer.headers["access-control-allow-headers"]}`.toLowerCase().split(",");
    assert.equal(answer.status, 204);
    assert.equal(answer.headers["access-control-allow-origin"], "*");
    assert.ok(allowed.includes("authorization") && allowed.includes("prefer"), `${allowed}`);
    assert.equal(answer.headers["access-control-allow-methods"], "GET,HEAD,POST");
  });

  it("lets it read every answer, with its id and Retry-After", async () => {
    for (const path of ["/devices", "/nowhere"]) {
      const { headers } = await call(path);
      assert.equal(headers.get("access-control-allow-origin"), "*");
      assert.match(headers.get("access-control-expose-headers") ?? "", /X-Request-Id,Retry-After/);
    }
  });

  // Not `fetch`, which refuses to send the headers of a preflight.
  function preflight(headers: string) {
    return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }>(
      (resolve, reject) => {
        request(`${mock.url}/devices`, {
          method: "OPTIONS",
          headers: {
            Origin: "http://localhost:5173",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": headers,
          },
        })
          .on("response", (response) => {
            response.resume();
            resolve({ status: response.statusCode, headers: response.headers });
          })
          .on("error", reject)
          .end();
      },
    );
  }
});

describe("the API page", () => {
  /** What Firefox and Chromium send for a page. */
  const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const open = (accept: string) => fetch(`${mock.url}/`, { headers: { accept } });

  it("is what a browser gets that opens the mock's address", async () => {
    const page = await open(browser);
    assert.deepEqual([page.status, page.url], [200, `${mock.url}/docs`]);
    const scripts = [...(await page.text()).matchAll(/src="([^"]+)"/g)].map(([, path = ""]) => path);
    assert.ok(scripts.length > 0);
    for (const path of scripts) assert.equal((await call(path)).status, 200, path);
  });

  for (const accept of ["*/*", "application/json"])
    it(`is not what a client gets there that accepts ${accept}`, async () => {
      const answer = await open(accept);
      assert.equal(answer.status, 404);
      assert.partialDeepStrictEqual(await answer.json(), { success: false, error_code: "NOT_FOUND" });
    });

  it("shows the contract that the mock has now", async (t) => {
    const own = await startMock({ port: 0 });
    t.onTestFinished(() => own.stop());
    const shown = async () => (await caller(own.url)("/docs/contract.json")).body;
    assert.partialDeepStrictEqual(await shown(), { info: { title: "WUTS" } });
    await own.use(parseContract(smallContract({})));
    assert.partialDeepStrictEqual(await shown(), { info: { title: "People" } });
  });
});

describe("several mocks in one process", () => {
  it("answer each on its own, and stop each on its own", async () => {
    const [one, two] = await Promise.all([startMock({ port: 0 }), startMock({ port: 0 })]);
    assert.notEqual(one.url, two.url);
    await one.stop();
    await assert.rejects(fetch(`${one.url}/health/live`));
    assert.equal((await fetch(`${two.url}/health/live`)).status, 200);
    await two.stop();
  });

  it("say so when the port is taken", async () => {
    await assert.rejects(startMock({ port: Number(new URL(mock.url).port) }), { code: "EADDRINUSE" });
  });
});

describe("use of another contract", () => {
  const small = parseContract(smallContract({}));

  it("is from now on, on the same port, and can be taken back", async (t) => {
    const { url, use, stop } = await startMock({ port: 0 });
    t.onTestFinished(stop);
    const there = caller(url);
    const find = () =>
      there("/towns/Rio/people?number=5511999999999", { method: "POST", headers: json, body: "{}" });
    await use(small);
    assert.deepEqual((await find()).body, { shows: "first" });
    assert.equal((await there("/devices")).status, 404);
    await use(wutsContract);
    assert.equal((await find()).status, 404);
    assert.equal((await there("/devices")).status, 200);
  });

  it("does not change the answer to a request that is under way", async (t) => {
    const { url, use, stop } = await startMock({ port: 0 });
    t.onTestFinished(stop);
    const headers = { ...json, Expect: "100-continue" };
    const underWay = request(`${url}/devices`, { method: "POST", headers });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      underWay.on("error", reject).on("response", (response) => resolve(response.resume().statusCode));
    });
    underWay.flushHeaders();
    // The server has the request once it says that the body may come.
    await once(underWay, "continue");
    await use(small);
    underWay.end('{"name":"Reception"}');
    assert.equal(await answered, 201);
  });

  it("is refused when Prism does not take it, and the mock stays with the one it has", async (t) => {
    const { url, use, stop } = await startMock({ port: 0 });
    t.onTestFinished(stop);
    const noOpenApi = parseContract(small.yaml.replace('"openapi"', '"openwhat"'));
    await assert.rejects(use(noOpenApi), /Unsupported document format/);
    assert.equal((await caller(url)("/devices")).status, 200);
  });
});
