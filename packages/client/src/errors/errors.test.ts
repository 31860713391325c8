import assert from "node:assert/strict";
import { wutsContract } from "@wuts/contract";
import { answering, answeringInTurn } from "@wuts/testing/canned-server";
import { describe, it, type TestContext } from "vitest";
import { failure } from "../../test/failure.ts";
import * as sdk from "../index.ts";
import { createWuts, type ErrorCodeOf, isWutsError, WutsError, type WutsErrorOf } from "../index.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const envelope = (error_code: string, more = {}) => ({
  ...{ success: false, error: "no", error_code, timestamp: "", request_id: "r1" },
  ...more,
});

/** @returns the name of the family of each status that the contract's errors have */
const familyOf = new Map([
  [400, "WutsValidationError"],
  [401, "WutsAuthenticationError"],
  [403, "WutsPermissionError"],
  [404, "WutsNotFoundError"],
  [405, "WutsError"],
  [409, "WutsConflictError"],
  [413, "WutsError"],
  [415, "WutsError"],
  [416, "WutsError"],
  [422, "WutsConflictError"],
  [429, "WutsRateLimitError"],
  [500, "WutsServerError"],
  [502, "WutsServerError"],
  [503, "WutsServerError"],
  [504, "WutsTimeoutError"],
]);

describe("the family of an error", () => {
  it("is that of its code, for every code of the contract, whatever the status of the response", async (t) => {
    for (const { code, statuses, withoutOperation } of wutsContract.errors) {
      const [status = withoutOperation ? 405 : 0] = statuses;
      for (const answered of [status, 418]) {
        if (answered === 418 && statuses.length === 0) continue;
        const error = await failureOf(t, answered, envelope(code));
        assert.equal(error.name, familyOf.get(status), `${code}, ${answered}`);
        assert.ok(error instanceof Reflect.get(sdk, error.name), error.name);
      }
    }
  });

  it("is that of the status where the answer is a proxy's", async (t) => {
    for (const [status, name] of [
      [401, "WutsAuthenticationError"],
      [429, "WutsRateLimitError"],
      [502, "WutsServerError"],
      [599, "WutsServerError"],
      [418, "WutsError"],
    ] as const) {
      const error = await failureOf(t, status, "<h1>no</h1>");
      assert.deepEqual([error.name, error.code, error.status], [name, "UNEXPECTED_ANSWER", status]);
    }
  });

  it("says without an answer whether time, the network or the caller ended the call", async () => {
    const server = await answering("silence");
    const wuts = createWuts({ baseUrl: server.url, token, timeoutMs: 20, retries: 0 });
    assert.ok((await failure(wuts.devices.list())) instanceof sdk.WutsTimeoutError);
    const signal = AbortSignal.abort();
    assert.ok((await failure(wuts.devices.list({}, { signal }))) instanceof sdk.WutsAbortError);
    await server.stop();
    assert.ok((await failure(wuts.devices.list())) instanceof sdk.WutsConnectionError);
  });
});

describe("the message of an error", () => {
  it("says the first reason for which the request was refused, and how many there are more", async (t) => {
    const validation = [
      { field: "name", message: "must not be empty" },
      { field: "email", message: "is taken" },
    ];
    const one = await failureOf(
      t,
      400,
      envelope("VALIDATION_ERROR", { error: "validation failed", validation: validation.slice(0, 1) }),
    );
    assert.equal(one.message, "validation failed: name must not be empty");
    const two = await failureOf(
      t,
      400,
      envelope("VALIDATION_ERROR", { error: "validation failed", validation }),
    );
    assert.equal(two.message, "validation failed: name must not be empty (and 1 more)");
    assert.deepEqual(two.validation, validation);
  });
});

describe("isWutsError", () => {
  it("says of which call an error is, also of a stream and of a list that is read whole", async (t) => {
    const server = await answering(404, envelope("DEVICE_NOT_FOUND"));
    t.onTestFinished(() => server.stop());
    const { devices, contacts } = createWuts({ baseUrl: server.url, token });
    const error = await failure(devices.get({ device_id: "a" }));
    assert.ok(isWutsError(error) && isWutsError(error, "devices.get"));
    assert.ok(!isWutsError(error, "devices.delete") && !isWutsError(new Error("no"), "devices.get"));
    const stream = contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    assert.ok(isWutsError(await failure(stream.next()), "contacts.lookUpProfilePictures"));
    assert.ok(isWutsError(await failure(contacts.listAll().next()), "contacts.list"));
  });

  it("says so of an error that comes in a stream after its first lines", async (t) => {
    const lines = `${JSON.stringify({ success: true, data: 1 })}\n${JSON.stringify(envelope("UNAUTHORIZED"))}\n`;
    const server = await answeringInTurn([[200, lines, { "Content-Type": "application/x-ndjson" }]]);
    t.onTestFinished(() => server.stop());
    const { contacts } = createWuts({ baseUrl: server.url, token });
    const stream = contacts.lookUpProfilePicturesStream({ numbers: ["1"] });
    await stream.next();
    const error = await failure(stream.next());
    assert.ok(isWutsError(error, "contacts.lookUpProfilePictures"));
    assert.ok(error instanceof sdk.WutsAuthenticationError);
    assert.equal(error.status, 200);
  });
});

async function failureOf(t: TestContext, status: number, body: unknown): Promise<WutsError> {
  const server = await answering(status, body);
  t.onTestFinished(() => server.stop());
  return failure(createWuts({ baseUrl: server.url, token }).devices.list());
}

// Nothing runs here: what is wrong does not compile.
void [
  (error: unknown) => {
    if (!isWutsError(error, "devices.create")) throw error;
    switch (error.code) {
      case "QUOTA_REACHED":
        return error.code satisfies "QUOTA_REACHED";
      // @ts-expect-error: creating a device asks for no picture
      case "PICTURE_HIDDEN":
        return error.status;
      default:
        return error.code satisfies ErrorCodeOf<"devices.create">;
    }
  },
  (error: unknown) => {
    if (!isWutsError(error, "system.getLiveness")) throw error;
    // Every code that is left is named, so nothing is left.
    switch (error.code) {
      case "ABORTED":
      case "INTERNAL_ERROR":
      case "INVALID_ARGUMENT":
      case "METHOD_NOT_ALLOWED":
      case "NETWORK_ERROR":
      case "NOT_FOUND":
      case "NOT_MODIFIED":
      case "TIMED_OUT":
      case "UNEXPECTED_ANSWER":
      case "VALIDATION_ERROR":
        return undefined;
      default:
        return error.code satisfies never;
    }
  },
  // @ts-expect-error: there is no such call
  (error: unknown) => isWutsError(error, "devices.paint"),
  (error: unknown) => {
    if (error instanceof sdk.WutsRateLimitError)
      error.code satisfies "PAIRING_LIMITED" | "RATE_LIMITED" | "WHATSAPP_RATE_LIMITED" | "UNEXPECTED_ANSWER";
    else if (error instanceof sdk.WutsConnectionError) error.code satisfies "NETWORK_ERROR";
    else if (error instanceof WutsError) return error.code satisfies sdk.ErrorCode | sdk.ClientErrorCode;
    return undefined;
  },
  (error: WutsErrorOf<"devices.get">) => error satisfies WutsError,
];
