import assert from "node:assert/strict";
import { createWuts, WutsError } from "@wuts/client";
import { operations, wutsContract } from "@wuts/contract";
import { startMock } from "@wuts/mock";
import { afterAll, describe, it } from "vitest";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const wuts = createWuts({ baseUrl: mock.url, token, retries: 0 });

describe("an error of the contract", () => {
  const responses =
    operations.find(({ operationId }) => operationId === "getContactProfilePicture")?.responses ?? [];
  for (const { status, examples, errorCodes } of responses.filter((response) => response.status >= 400)) {
    for (const example of examples) {
      it(`is a WutsError for ${status} ${example}`, async () => {
        const Prefer = `code=${status}, example=${example}`;
        const number = "5511999999999";
        const error = await failure(
          wuts.contacts.getProfilePicture({ number }, { headers: { Prefer, "X-Request-Id": "mine" } }),
        );
        assert.equal(error.status, status);
        assert.ok(errorCodes.some((code) => code === error.code));
        assert.equal(error.requestId, "mine");
        const { retryAfter } = wutsContract.errors.find(({ code }) => code === error.code) ?? {};
        assert.equal(error.retryAfter, retryAfter ? 5 : undefined);
        assert.equal(error.validation.length, status === 400 ? 1 : 0);
        assert.ok(error.message.length > 0);
      });
    }
  }

  it("tells which fields were refused", async () => {
    const error = await failure(wuts.devices.list({ limit: 0 }));
    assert.equal(error.code, "VALIDATION_ERROR");
    assert.deepEqual(error.validation, [{ field: "limit", message: "must be at least 1, and is 0" }]);
  });

  it("may be one that no operation lists", async () => {
    const error = await failure(createWuts({ baseUrl: `${mock.url}/v9`, token }).devices.list());
    assert.deepEqual([error.status, error.code], [404, "NOT_FOUND"]);
  });
});

/** What a call that must not succeed throws. */
async function failure(call: Promise<unknown>): Promise<WutsError> {
  const [outcome] = await Promise.allSettled([call]);
  assert.ok(outcome.status === "rejected", "the call succeeded");
  assert.ok(outcome.reason instanceof WutsError, `${outcome.reason}`);
  return outcome.reason;
}
