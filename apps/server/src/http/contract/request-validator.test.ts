import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import type { Overrides } from "../../app/compose.ts";
import { Failure } from "../../kernel/failures.ts";
import { assertRefused, at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { captureLog } from "../../test-support/captured-log.ts";
import { startWorld } from "../../test-support/world.ts";

/** A server with a bug, and the lines of its log. */
async function buggyServer(t: TestContext, violations: string, handlers: Overrides["handlers"]) {
  const { log, logged } = captureLog();
  const overrides: Overrides = { log, ...(handlers && { handlers }) };
  const world = await startWorld({ WUTS_RESPONSE_VIOLATIONS: violations }, { overrides });
  t.onTestFinished(() => world.stop());
  return { world, logged };
}

/** One field too many, as a careless change would leak it. */
const leakyList: Overrides["handlers"] = {
  listDevices: () => {
    const data = { items: [], next_cursor: null, password: "swordfish" };
    return { status: 200, data };
  },
};

describe("An answer that breaks the contract", () => {
  it("is a 500 with WUTS_RESPONSE_VIOLATIONS=fail, and says nothing of what was wrong", async (t) => {
    const { world, logged } = await buggyServer(t, "fail", leakyList);
    const answer = await world.call("/devices");
    assertRefused(answer, 500, "INTERNAL_ERROR");
    assert.equal(at(answer.body, "error"), "internal error");
    assert.ok(!JSON.stringify(answer.body).includes("password"));
    assert.equal(logged("a bug: answered as internal error").length, 1);
    dataOf(await world.call("/health/live"));
  });

  it("is sent and counted in the log with WUTS_RESPONSE_VIOLATIONS=log", async (t) => {
    const { world, logged } = await buggyServer(t, "log", leakyList);
    for (let round = 0; round < 2; round += 1) {
      assert.partialDeepStrictEqual(dataOf(await world.call("/devices")), { password: "swordfish" });
    }
    assert.partialDeepStrictEqual(logged("an answer breaks the contract"), [
      { operation: "listDevices", violations: 1 },
      { operation: "listDevices", violations: 2 },
    ]);
  });
});

describe("An answer with a status that the contract does not list for the operation", () => {
  // No type lets a handler do it.
  const created = { listDevices: () => ({ status: 201, data: { items: [], next_cursor: null } }) };

  it("is a 500, and in the log", async (t) => {
    const { world, logged } = await buggyServer(t, "fail", created as unknown as Overrides["handlers"]);
    assertRefused(await world.call("/devices"), 500, "INTERNAL_ERROR");
    assert.partialDeepStrictEqual(logged("an answer breaks the contract"), [
      { operation: "listDevices", reason: "201 is not described" },
    ]);
  });
});

describe("An error that the contract does not list for the operation", () => {
  const busy: Overrides["handlers"] = {
    listDevices: () => {
      throw new Failure("DeviceBusy");
    },
  };

  it("is a 500 with WUTS_RESPONSE_VIOLATIONS=fail", async (t) => {
    const { world, logged } = await buggyServer(t, "fail", busy);
    assertRefused(await world.call("/devices"), 500, "INTERNAL_ERROR");
    assert.partialDeepStrictEqual(logged("an answer breaks the contract"), [
      { operation: "listDevices", violations: 1, reason: "503 DEVICE_BUSY is not documented" },
    ]);
  });

  it("is sent and counted with WUTS_RESPONSE_VIOLATIONS=log", async (t) => {
    const { world, logged } = await buggyServer(t, "log", busy);
    assertRefused(await world.call("/devices"), 503, "DEVICE_BUSY");
    assert.equal(logged("an answer breaks the contract").length, 1);
  });
});

describe("A handler that throws", () => {
  it("is a 500 that names the request, and whose cause is in the log only", async (t) => {
    const { world, logged } = await buggyServer(t, "fail", {
      getLiveness: () => {
        throw new TypeError("the database is at 10.0.0.1");
      },
    });
    const answer = await world.call("/health/live");
    assertRefused(answer, 500, "INTERNAL_ERROR");
    assert.ok(!JSON.stringify(answer.body).includes("10.0.0.1"));
    assert.partialDeepStrictEqual(logged("a bug: answered as internal error"), [
      { request_id: at(answer.body, "request_id"), err: { type: "TypeError" } },
    ]);
    assert.partialDeepStrictEqual(logged("request").at(-1), {
      operation: "getLiveness",
      status: 500,
      error_code: "INTERNAL_ERROR",
    });
  });
});

describe("A request that is wrong in more places than anybody reads", () => {
  it("is told the first of them, and how many there are", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const answer = await world.call("/devices", { method: "POST", body: withUnknownFields(100) });
    assertRefused(answer, 400, "VALIDATION_ERROR");
    assert.equal(at(answer.body, "error"), "validation failed in 100 places, of which the first are named");
    assert.deepEqual(
      listAt(answer.body, "validation").map((problem) => at(problem, "field")),
      Array.from({ length: 20 }, (_, index) => `x${index}`),
    );
  });

  it("is told how many fields it may have when it has very many that are not there", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const answer = await world.call("/devices", { method: "POST", body: withUnknownFields(9_000) });
    assertRefused(answer, 400, "VALIDATION_ERROR");
    assert.deepEqual(listAt(answer.body, "validation"), [
      { field: "body", message: "must have at most 2 fields, and has 9001" },
    ]);
  });

  it("is told no name that is longer than anybody reads", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const body = { name: "Test", ["\u{1f600}".repeat(20_000)]: 0 };
    const answer = await world.call("/devices", { method: "POST", body });
    assertRefused(answer, 400, "VALIDATION_ERROR");
    const [problem] = listAt(answer.body, "validation");
    assert.equal(textAt(problem, "field"), `${"\u{1f600}".repeat(499)}…`);
  });
});

function withUnknownFields(count: number) {
  return {
    name: "Test",
    ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 0])),
  };
}
