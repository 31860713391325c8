import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, type TestContext } from "vitest";
import { assertRefused, dataOf } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { type PairedProcess, startPairedProcess } from "../test-support/processes/paired-process.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import { suiteScope } from "../test-support/suite-scope.ts";
import { nextEvent, until } from "../test-support/until.ts";

const fault = faultsOf("The database fails");

describe("A server whose database fails", () => {
  const suite = suiteScope();
  let world: PairedProcess;
  beforeAll(async () => {
    world = await startPairedProcess(suite, await temporaryFolder(suite));
  });

  /** Everything works again, without a restart. @returns the status of the device */
  const recovered = async () => {
    const status = await world.untilState("connected");
    dataOf(await world.createDevice(), 201);
    dataOf(await world.look());
    await world.read();
    return status;
  };

  /** How often a device of the server has tried to come back. */
  const attempts = async () => {
    const { body } = await world.ask("/metrics", { token: null });
    const counts = String(body).matchAll(/^wuts_reconnects_total\{[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };

  const database = (test: TestContext) => {
    const opened = new DatabaseSync(join(world.dataDir, "wuts.sqlite"), { timeout: 5_000 });
    test.onTestFinished(() => opened.close());
    return opened;
  };
  const locked = (test: TestContext) => {
    const opened = database(test);
    opened.exec("begin immediate");
    return opened;
  };

  fault("another process holds its lock for longer than anybody waits", async (test, notes) => {
    const other = locked(test);
    const gaveUp = nextEvent(world.simulator.events, "disconnected");
    const writes = Array.from({ length: 5 }, async () => notes.answer(await world.createDevice()));
    const firstWrite = Promise.race(writes).then(() => "a write");
    // Requests that wait for the lock do not hold up a request that needs no database.
    const live = world.ask("/health/live").then(() => "the others");
    assert.equal(await Promise.race([firstWrite, live]), "the others");
    // A message arrives whose keys cannot be stored: it is not acknowledged, and comes again.
    const reading = world.read();
    for (const answer of await Promise.all(writes)) assertRefused(answer, 503, "STORAGE_UNAVAILABLE");
    dataOf(notes.answer(await world.ask("/devices")));
    await gaveUp;
    const answer = notes.answer(await world.look());
    if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
    other.exec("rollback");
    await reading;
    notes.end(await recovered(), "by itself; the message that came meanwhile was read");
  });

  fault("another process holds its lock for a moment", async (test, notes) => {
    const other = locked(test);
    const writing = world.createDevice();
    // Both reach the server before this answer comes back.
    dataOf(notes.answer(await world.ask("/health/live")));
    other.exec("commit");
    dataOf(notes.answer(await writing), 201);
    notes.end(await recovered(), "all the time");
  });

  fault("every table is gone for a while", async (test, notes) => {
    const other = database(test);
    other.exec("pragma legacy_alter_table = on");
    const tables = ["tenants", "users", "tokens", "devices", "credentials", "signal_keys", "audit"];
    for (const table of tables) other.exec(`alter table ${table} rename to away_${table}`);
    for (const path of ["/devices", "/me", `/status?device_id=${world.device}`, "/contacts"])
      assertRefused(notes.answer(await world.ask(path)), 500, "INTERNAL_ERROR");
    assertRefused(notes.answer(await world.look()), 500, "INTERNAL_ERROR");
    dataOf(await world.ask("/health/live"));
    // It cannot come back without its credentials, and tries again and again.
    const gone = nextEvent(world.simulator.events, "disconnected");
    world.simulator.faults.close(world.owner.phone, "tcp-drop");
    await gone;
    const tried = await attempts();
    await until("three further attempts", async () => {
      const seen = await attempts();
      return { found: seen >= tried + 3 || undefined, seen };
    });
    const back = nextEvent(world.simulator.events, "login");
    for (const table of tables) other.exec(`alter table away_${table} rename to ${table}`);
    await back;
    notes.end(await recovered(), "by itself");
  });

  fault("its folder is moved away, and back", async (_test, notes) => {
    const away = `${world.dataDir}-away`;
    await rename(world.dataDir, away);
    const gone = nextEvent(world.simulator.events, "disconnected");
    world.simulator.faults.close(world.owner.phone, "tcp-drop");
    await gone;
    // The files are open, wherever they are.
    dataOf(notes.answer(await world.ask("/devices")));
    dataOf(notes.answer(await world.createDevice()), 201);
    const answer = notes.answer(await world.look());
    if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
    await rename(away, world.dataDir);
    notes.end(await recovered(), "by itself");
  });
});
