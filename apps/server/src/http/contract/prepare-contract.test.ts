import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Contract, wutsContract } from "@wuts/contract";
import Ajv from "ajv/dist/core.js";
import { describe, it, type TestContext, vi } from "vitest";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld } from "../../test-support/world.ts";
import { Preparation } from "./prepare-contract.ts";

/** A copy of the contract without compiled schemas: the cache is keyed by the object. */
const newContract = (): Contract => ({ ...wutsContract });

/** @returns how many schemas have been compiled since, by any caller */
function countCompilations(t: TestContext): () => number {
  // Each way to a validator of Ajv, and of what is derived from it, leads through here.
  const compile = vi.spyOn(Ajv.default.prototype as unknown as AjvInside, "_compileSchemaEnv");
  t.onTestFinished(() => compile.mockRestore());
  return () => compile.mock.calls.length;
}

interface AjvInside {
  _compileSchemaEnv(schema: unknown): unknown;
}

describe("What a contract is held to", () => {
  it("is compiled in pieces behind the start, and then by no request to any operation", async (t) => {
    const contract = newContract();
    const compilations = countCompilations(t);
    const preparation = new Preparation(contract, { delayMs: 0, pauseMs: 0 });
    preparation.start();
    await preparation.ended;
    const prepared = compilations();
    // One for the parameters and one for the body of each operation, and those of their answers.
    assert.ok(prepared > 2 * contract.operations.length, `${prepared} compilations`);
    const masterToken = randomUUID();
    const world = await startWorld({ WUTS_MASTER_TOKEN: masterToken }, { overrides: { contract } });
    t.onTestFinished(() => world.stop());
    const before = compilations();
    const compiling: string[] = [];
    for (const operation of contract.operations) {
      for (const type of ["application/json", "application/json; charset=UTF-8", "application/json;a=b"]) {
        const seen = compilations();
        const { status } = await world.call(operation.path.replaceAll(/\{[^}]+\}/g, "x"), {
          method: operation.method.toUpperCase(),
          token: operation.role === "master" ? masterToken : world.token,
          headers: { "content-type": type },
          ...(operation.hasBody && { body: {} }),
        });
        // It has come to the validator.
        assert.ok(![401, 403, 405, 415, 500].includes(status), `${operation.operationId}: ${status}`);
        if (compilations() > seen) compiling.push(`${operation.operationId} with ${type}`);
      }
    }
    assert.deepEqual(compiling, []);
    assert.equal(compilations(), before);
  });

  it("is compiled by a server some time after it has started", async (t) => {
    const compilations = countCompilations(t);
    const overrides = { contract: newContract(), preparation: { delayMs: 100 } };
    const world = await startWorld({}, { overrides });
    t.onTestFinished(() => world.stop());
    const before = compilations();
    await until("compilations without a request", async () => {
      const seen = compilations() - before;
      return { found: seen > 0 || undefined, seen };
    });
    assert.equal((await world.call("/health/live")).status, 200);
  });

  it("is compiled by a server that has devices to connect only when each has been tried", async (t) => {
    const compilations = countCompilations(t);
    const overrides = { contract: newContract(), preparation: { delayMs: 0, pauseMs: 0 } };
    const world = await startWorld({}, { overrides });
    t.onTestFinished(() => world.stop());
    const phone = "5521900000000";
    world.simulator.addAccount({ phone });
    await world.pairedDevice(phone);
    overrides.contract = newContract();
    const { faults, events } = world.simulator;
    const undo = faults.silence();
    const begun = nextEvent(events, "login");
    await world.restartServer();
    await begun;
    const isReady = async () =>
      assert.equal((await world.call("/health/ready", { token: null })).status, 200);
    await isReady();
    const before = compilations();
    for (let index = 0; index < 20; index += 1) await isReady();
    assert.equal(compilations(), before);
    undo();
    faults.close(phone, "tcp-drop");
    await until("compilations", async () => {
      const seen = compilations() - before;
      return { found: seen > 0 || undefined, seen };
    });
  });
});

describe("A preparation that is stopped", () => {
  it("begins nothing further, and leaves no timer", async (t) => {
    const compilations = countCompilations(t);
    const timers = countTimers();
    const preparation = new Preparation(newContract(), { delayMs: 0, pauseMs: 0 });
    preparation.start();
    await preparation.stop();
    await preparation.ended;
    assert.ok(countTimers() <= timers, `${countTimers()} timers`);
    assert.equal(compilations(), 0);
  });

  it("ends with the piece that it has begun", async (t) => {
    const compilations = countCompilations(t);
    const timers = countTimers();
    const contract = newContract();
    const preparation = new Preparation(contract, { delayMs: 0, pauseMs: 0 });
    preparation.start();
    await until("the first piece", async () => ({ found: compilations() > 0 || undefined, seen: 0 }));
    await preparation.stop();
    const begun = compilations();
    assert.ok(countTimers() <= timers, `${countTimers()} timers`);
    // Another one goes on where it ended, and compiles the rest.
    const another = new Preparation(contract, { delayMs: 0, pauseMs: 0 });
    another.start();
    await another.ended;
    assert.ok(compilations() - begun > begun, `${begun} compilations before the stop`);
  });

  it("is none of a server that is stopped at once", async (t) => {
    const compilations = countCompilations(t);
    const world = await startWorld({}, { overrides: { contract: newContract() } });
    const before = compilations();
    await world.stop();
    assert.equal(compilations(), before);
  });
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}
