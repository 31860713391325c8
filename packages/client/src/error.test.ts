import assert from "node:assert/strict";
import { answering } from "@wuts/testing/canned-server";
import { describe, it } from "vitest";
import { failure } from "../test/failure.ts";
import { createWuts, type WutsError } from "./index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";

describe("an error", () => {
  it("may be one that only a newer server knows", async () => {
    const body = { success: false, error: "too new", error_code: "TOO_NEW", timestamp: "", request_id: "r1" };
    const error = await failureOf(answering(418, body));
    assert.deepEqual(
      [error.status, error.code, error.message, error.requestId],
      [418, "UNEXPECTED_ANSWER", "too new", "r1"],
    );
    assert.deepEqual(error.cause, body);
  });
});

describe("Retry-After", () => {
  const body = { success: false, error: "wait", error_code: "DEVICE_BUSY", timestamp: "", request_id: "r1" };

  it("may be a date", async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    const { retryAfter = 0 } = await failureOf(answering(503, body, { "Retry-After": date }));
    assert.ok(retryAfter > 60 && retryAfter <= 90, `${retryAfter}`);
  });

  it("is left out when it is neither", async () => {
    assert.equal((await failureOf(answering(503, body, { "Retry-After": "soon" }))).retryAfter, undefined);
  });
});

describe("UNEXPECTED_ANSWER", () => {
  const html = { "Content-Type": "text/html" };
  const json = { "Content-Type": "application/json" };

  it("is a proxy's page instead of an error, with its status, request id and Retry-After", async () => {
    const headers = { ...html, "X-Request-Id": "proxy-1", "Retry-After": "3" };
    const error = await failureOf(answering(502, "<h1>Bad gateway</h1>", headers));
    assert.deepEqual(
      [error.status, error.code, error.requestId, error.retryAfter, error.cause],
      [502, "UNEXPECTED_ANSWER", "proxy-1", 3, "<h1>Bad gateway</h1>"],
    );
  });

  for (const [what, status, body, headers] of [
    ["a page instead of a success", 200, "<h1>Log in</h1>", html],
    ["JSON without the envelope", 200, "{}", json],
    ["JSON that is cut off", 200, '{"success":tr', json],
    ["nothing, with status 200", 200, "", json],
    ["nothing, with status 204", 204, "", {}],
    ["an error of another kind", 500, '{"message":"no"}', json],
    ["an error without a body", 500, "", {}],
  ] as const) {
    it(`is ${what}`, async () => {
      const error = await failureOf(answering(status, body, headers));
      assert.deepEqual([error.status, error.code], [status, "UNEXPECTED_ANSWER"]);
    });
  }
});

describe("without an answer", () => {
  it("NETWORK_ERROR when the connection is refused, with the cause", async () => {
    const server = await answering(200, "");
    await server.stop();
    const error = await failure(createWuts({ baseUrl: server.url, token, retries: 0 }).devices.list());
    assert.deepEqual([error.status, error.code], [0, "NETWORK_ERROR"]);
    assert.ok(error.cause instanceof TypeError);
  });

  it("TIMED_OUT when there is no answer within timeoutMs", async () => {
    const server = await answering("silence");
    const error = await failure(createWuts({ baseUrl: server.url, token, timeoutMs: 20 }).devices.list());
    await server.stop();
    assert.deepEqual([error.status, error.code], [0, "TIMED_OUT"]);
  });

  it("ABORTED when the caller's signal ends the call", async () => {
    const wuts = createWuts({ baseUrl: "http://wuts.invalid", token });
    const error = await failure(
      wuts.devices.list({}, { signal: AbortSignal.abort(new Error("changed my mind")) }),
    );
    assert.deepEqual([error.status, error.code], [0, "ABORTED"]);
    assert.ok(error.cause instanceof Error && error.cause.message === "changed my mind");
  });
});

async function failureOf(started: ReturnType<typeof answering>): Promise<WutsError> {
  const server = await started;
  try {
    return await failure(createWuts({ baseUrl: server.url, token, retries: 0 }).devices.list());
  } finally {
    await server.stop();
  }
}
