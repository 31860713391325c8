import assert from "node:assert/strict";
import { afterAll, describe, it } from "vitest";
import { type Answer, bearer, caller, isError, json, token } from "../../test/call.ts";
import { startMock } from "../mock.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const call = caller(mock.url);

describe("400 VALIDATION_ERROR", () => {
  for (const [path, field] of [
    ["/contacts/profile-picture", "jid"],
    ["/contacts/profile-picture?jid=x", "jid"],
    ["/contacts/profile-picture?number=12", "number"],
    ["/contacts/profile-picture?number=5511999999999&preview=2", "preview"],
    ["/contacts/profile-picture?number=5511999999999&number=5511999999998", "number"],
    ["/contacts/profile-picture?number=5511999999999&colour=red", "colour"],
    ["/contacts/profile-picture?number=", "number"],
    ["/contacts/profile-picture?jid=&number=5511999999999", "jid"],
    ["/devices?limit=", "limit"],
    ["/devices?limit=0", "limit"],
    ["/devices?limit=many", "limit"],
    ["/devices/no-uuid", "device_id"],
    ["/devices/%ZZ", "device_id"],
    ["/status?device_id=no-uuid", "device_id"],
  ] as const) {
    it(`names ${field} of GET ${path}`, async () => namesField(await call(path), field));
  }

  for (const [path, body, field] of [
    ["/devices", "{}", "name"],
    ["/devices", '{"name":5}', "name"],
    ["/devices", '{"name":"  "}', "name"],
    ["/devices", '{"name":"Reception","colour":"red"}', "colour"],
    ["/devices", "[]", "body"],
    ["/devices", "null", "body"],
    ["/devices", "{", "body"],
    ["/devices", "", "body"],
    ["/paircode", '{"number":"12"}', "number"],
  ] as const) {
    it(`names ${field} of POST ${path} with ${body || "nothing"}`, async () =>
      namesField(await call(path, { method: "POST", headers: json, body }), field));
  }

  for (const key of ["", "a b", "k".repeat(256)]) {
    it(`names Idempotency-Key when it is "${key.slice(0, 5)}"`, async () => {
      const headers = { ...json, "Idempotency-Key": key };
      const create = { method: "POST", headers, body: '{"name":"Reception"}' };
      namesField(await call("/devices", create), "Idempotency-Key");
    });
  }

  it("names every field that is wrong", async () => {
    const { body } = await call("/devices?limit=0&cursor=!");
    assert.partialDeepStrictEqual(body, {
      validation: [{ field: "limit", message: "must be at least 1, and is 0" }, { field: "cursor" }],
    });
  });

  it("names no more fields than the contract has room for", async () => {
    // Of very many, not even the names are looked at.
    for (const [length, named] of [
      [90, 20],
      [9_000, 1],
    ] as const) {
      const unknown = Object.fromEntries(Array.from({ length }, (_, index) => [`x${index}`, 0]));
      const body = JSON.stringify({ name: "Test", ...unknown });
      const answer = await call("/devices", { method: "POST", headers: json, body });
      isError(answer, 400, "VALIDATION_ERROR");
      assert.equal(Reflect.get(Object(answer.body), "validation").length, named);
    }
  });

  function namesField(answer: Answer, field: string): void {
    isError(answer, 400, "VALIDATION_ERROR");
    assert.partialDeepStrictEqual(answer.body, { validation: [{ field }] });
  }
});

describe("other errors", () => {
  it("401 UNAUTHORIZED without a token, or with one that is none", async () => {
    for (const headers of [{}, { Authorization: "Bearer nonsense" }, { Authorization: `Basic ${token}` }]) {
      const answer = await call("/status", { headers });
      isError(answer, 401, "UNAUTHORIZED");
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    }
  });

  it("what the server refuses of an Idempotency-Key, where it is preferred", async () => {
    const body = '{"name":"Reception"}';
    const create = (prefer?: string) => {
      const headers = { ...json, "Idempotency-Key": "8e03978e", ...(prefer && { Prefer: prefer }) };
      return call("/devices", { method: "POST", headers, body });
    };
    assert.equal((await create()).status, 201);
    const inUse = await create("example=idempotency-key-in-use");
    isError(inUse, 409, "IDEMPOTENCY_KEY_IN_USE");
    assert.equal(inUse.headers.get("retry-after"), "1");
    const other = await create("example=quota-reached");
    isError(other, 409, "QUOTA_REACHED");
    assert.equal(other.headers.get("retry-after"), null, "it comes with the other code only");
    isError(await create("code=422"), 422, "IDEMPOTENCY_KEY_REUSED");
  });

  it("401 UNAUTHORIZED with a preferred outcome, too", async () => {
    isError(await call("/status", { headers: { Prefer: "code=200" } }), 401, "UNAUTHORIZED");
  });

  it("404 NOT_FOUND for an unknown path", async () => {
    isError(await call("/nowhere"), 404, "NOT_FOUND");
    isError(await call("/devices/"), 404, "NOT_FOUND");
  });

  it("405 METHOD_NOT_ALLOWED, and which methods are", async () => {
    const answer = await call("/devices", { method: "PUT" });
    isError(answer, 405, "METHOD_NOT_ALLOWED");
    assert.equal(answer.headers.get("allow"), "GET, HEAD, POST");
  });

  it("413 PAYLOAD_TOO_LARGE", async () => {
    const body = JSON.stringify({ name: "x".repeat(200_000) });
    isError(await call("/devices", { method: "POST", headers: json, body }), 413, "PAYLOAD_TOO_LARGE");
    const code = "A".repeat(4_100);
    const signIn = { method: "POST", headers: json, body: JSON.stringify({ code }) };
    for (const path of ["/sign-in", "/sign-in/check"])
      isError(await call(path, signIn), 413, "PAYLOAD_TOO_LARGE");
  });

  it("415 UNSUPPORTED_MEDIA_TYPE", async () => {
    for (const headers of [bearer, { ...bearer, "Content-Type": "application/x-www-form-urlencoded" }]) {
      const answer = await call("/devices", { method: "POST", headers, body: "name=Reception" });
      isError(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
  });
});
