import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseContract, wutsContract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { composeServer, type Overrides } from "../../app/compose.ts";
import { readConfig } from "../../config/config.ts";
import { usualRetryAfter } from "../../kernel/failures.ts";
import { ContractDrift } from "./contract-drift.ts";

/** The contract with one place changed, which must be there. */
function contractWith(found: string, instead: string) {
  assert.ok(wutsContract.yaml.includes(found), `openapi.yaml has no ${found}`);
  return parseContract(wutsContract.yaml.replaceAll(found, instead));
}

/** Asserts that a server made so does not start, names exactly these differences, and has touched nothing. */
async function refuses(t: TestContext, overrides: Overrides, ...differences: (string | RegExp)[]) {
  const folder = await mkdtemp(join(tmpdir(), "wuts-test-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, "data");
  const config = readConfig({ WUTS_PORT: "0", WUTS_DATA_DIR: dataDir, WUTS_LOG_LEVEL: "silent" });
  await assert.rejects(composeServer(config, overrides), (error) => {
    assert.ok(error instanceof ContractDrift, String(error));
    assert.equal(error.differences.length, differences.length, error.message);
    for (const [index, wanted] of differences.entries()) {
      if (typeof wanted === "string") assert.equal(error.differences[index], wanted);
      else assert.match(error.differences[index] ?? "", wanted);
    }
    assert.match(error.message, /^The server and openapi\.yaml differ:\n- /);
    return true;
  });
  assert.equal(existsSync(dataDir), false);
}

describe("A server that differs from its contract does not start", () => {
  it("without a handler for an operation", async (t) => {
    const handlers: Overrides["handlers"] = {};
    Object.assign(handlers, { getDevice: undefined });
    await refuses(t, { handlers }, "get /devices/{device_id} (getDevice) has no handler");
  });

  it("with a handler for no operation", async (t) => {
    const handlers: Overrides["handlers"] = {};
    Object.assign(handlers, { paintDevice: () => ({ status: 200, data: {} }) });
    await refuses(t, { handlers }, "the handler paintDevice has no operation");
  });

  it("with an operation that was renamed in the contract only", async (t) => {
    await refuses(
      t,
      { contract: contractWith("operationId: listDevices", "operationId: getDevices") },
      "get /devices (getDevices) has no handler",
      "the handler listDevices has no operation",
    );
  });

  it("with a role that the server does not know", async (t) => {
    const contract = contractWith(
      "operationId: getDevice\n      tags: [devices]\n      x-role: user",
      "operationId: getDevice\n      tags: [devices]\n      x-role: owner",
    );
    await refuses(
      t,
      { contract },
      "getDevice is for the role owner; the server knows public, user, manager, admin, master, metrics",
    );
  });

  it("with an operation that says it is public and asks for a token, or the other way round", async (t) => {
    const contract = contractWith(
      "operationId: getDevice\n      tags: [devices]\n      x-role: user",
      "operationId: getDevice\n      tags: [devices]\n      x-role: public",
    );
    await refuses(t, { contract }, "getDevice has x-role public, but its security asks for a token");
    const open = contractWith(
      "operationId: getLiveness\n      tags: [system]\n      x-role: public",
      "operationId: getLiveness\n      tags: [system]\n      x-role: user",
    );
    await refuses(t, { contract: open }, "getLiveness has x-role user, but its security is open");
  });

  it("with an error code that no failure becomes, and a failure whose code is gone", async (t) => {
    await refuses(
      t,
      { contract: contractWith("PAYLOAD_TOO_LARGE", "BODY_TOO_LARGE") },
      "no failure of the server becomes BODY_TOO_LARGE",
      "PayloadTooLarge becomes PAYLOAD_TOO_LARGE, which the contract does not have",
    );
  });

  it("with another status for a failure", async (t) => {
    await refuses(
      t,
      { contract: contractWith('"504": { $ref', '"508": { $ref') },
      "WhatsAppTimeout becomes 504 WHATSAPP_TIMEOUT, the contract has 508 WHATSAPP_TIMEOUT",
    );
  });

  it("when only one of them says when to ask again", async (t) => {
    const ofKey = '        Retry-After: { $ref: "#/components/headers/RetryAfterKeyInUse" }\n';
    const contract = contractWith('        Retry-After: { $ref: "#/components/headers/RetryAfter" }\n', "");
    const others = Object.keys(usualRetryAfter).filter((name) => name !== "IdempotencyKeyInUse");
    await refuses(
      t,
      { contract },
      ...others.map(() => /^[A-Z_]+ is answered with Retry-After, unlike in the contract$/),
    );
    await refuses(
      t,
      { contract: contractWith(ofKey, "") },
      "IDEMPOTENCY_KEY_IN_USE is answered with Retry-After, unlike in the contract",
    );
  });

  it("when the contract says so of a code that shares its status with one that has it", async (t) => {
    const limit = "      x-only-with: [IDEMPOTENCY_KEY_IN_USE]\n";
    const wrong = "      x-only-with: [IDEMPOTENCY_KEY_IN_USE, QUOTA_REACHED]\n";
    await refuses(
      t,
      { contract: contractWith(limit, wrong) },
      "QUOTA_REACHED is answered without Retry-After, unlike in the contract",
    );
  });

  it("with bytes, and not every status that comes with them", async (t) => {
    const contract = contractWith(
      '"416": { $ref: "#/components/responses/RangeNotSatisfiable" }',
      '"413": { $ref: "#/components/responses/RangeNotSatisfiable" }',
    );
    await refuses(
      t,
      { contract },
      "RangeNotSatisfiable becomes 416 RANGE_NOT_SATISFIABLE, the contract has 413 RANGE_NOT_SATISFIABLE",
      "getContactProfilePictureImage answers bytes, but describes no 416",
    );
  });

  it("with requests that can be repeated, and a success that does not say that it is one", async (t) => {
    const header = '            Idempotency-Replayed: { $ref: "#/components/headers/IdempotencyReplayed" }\n';
    const keyed = wutsContract.operations.filter(({ takesIdempotencyKey }) => takesIdempotencyKey);
    assert.ok(keyed.length > 0);
    await refuses(
      t,
      { contract: contractWith(header, "") },
      ...keyed.map(
        ({ operationId }) =>
          `${operationId} takes an Idempotency-Key, but its success has no Idempotency-Replayed`,
      ),
    );
  });

  it("and names all the differences at once", async (t) => {
    const handlers: Overrides["handlers"] = {};
    Object.assign(handlers, { getDevice: undefined, paintDevice: () => ({}) });
    await refuses(t, { handlers }, /^get \/devices\/\{device_id\}/, /^the handler paintDevice/);
  });
});
