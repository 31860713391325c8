import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { cp, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "vitest";
import { assertRefused, type CallOptions, call, dataOf } from "../../test-support/call.ts";
import { captureLog } from "../../test-support/captured-log.ts";
import { startServerProcess, temporaryFolder } from "../../test-support/processes/server-process.ts";
import { startWorld } from "../../test-support/world.ts";
import { takeServerId } from "./server-id.ts";

/** A process that takes an id, says it, and keeps it until it is killed. */
async function holder(t: TestContext, dataDir: string) {
  const code = `
    import { takeServerId } from ${JSON.stringify(import.meta.resolve("./server-id.ts"))};
    console.log(takeServerId(${JSON.stringify(dataDir)}).id);
    setInterval(() => {}, 60_000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  t.onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const [line] = await once(child.stdout, "data");
  return {
    id: String(line).trim(),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describe("takeServerId", () => {
  it("is another one for each start on a data folder, which knows those before it that have ended", async (t) => {
    const dataDir = join(await temporaryFolder(t), "data");
    const first = takeServerId(dataDir);
    first.release();
    const second = takeServerId(dataDir);
    second.release();
    const third = takeServerId(dataDir);
    t.onTestFinished(() => third.release());
    assert.equal(new Set([first.id, second.id, third.id]).size, 3);
    assert.deepEqual(
      [first, second, third].map(({ predecessors }) => predecessors),
      [[], [first.id], [second.id, first.id]],
    );
    assert.equal((await stat(join(dataDir, "server-id.sqlite"))).mode & 0o777, 0o600);
  });

  it("remembers the last ones only", async (t) => {
    const dataDir = await temporaryFolder(t);
    const ids: string[] = [];
    for (let start = 0; start < 12; start += 1) {
      const { id, release } = takeServerId(dataDir);
      ids.unshift(id);
      release();
    }
    const last = takeServerId(dataDir);
    t.onTestFinished(() => last.release());
    assert.deepEqual(last.predecessors, ids.slice(0, 8));
  });

  it("is another one for each server that runs beside the first, in this process or in others", async (t) => {
    const dataDir = await temporaryFolder(t);
    const first = takeServerId(dataDir);
    const second = takeServerId(dataDir);
    const third = await holder(t, dataDir);
    assert.equal(new Set([first.id, second.id, third.id]).size, 3);
    assert.deepEqual([first.isSecond, second.isSecond], [false, true]);
    // What runs has not ended.
    assert.deepEqual(second.predecessors, []);
    second.release();
    first.release();
  });

  it("knows the process before it that was killed, when that has ended", async (t) => {
    const dataDir = await temporaryFolder(t);
    const { id, kill } = await holder(t, dataDir);
    const meanwhile = takeServerId(dataDir);
    assert.deepEqual([meanwhile.isSecond, meanwhile.predecessors], [true, []]);
    await kill();
    const next = takeServerId(dataDir);
    t.onTestFinished(() => next.release());
    assert.deepEqual([next.isSecond, next.predecessors], [false, [id]]);
  });

  it("knows no server on a copy of the folder, where the one before it may run still", async (t) => {
    const [dataDir, copy] = [await temporaryFolder(t), join(await temporaryFolder(t), "copy")];
    takeServerId(dataDir).release();
    await cp(dataDir, copy, { recursive: true, preserveTimestamps: true });
    const [original, copied] = [takeServerId(dataDir), takeServerId(copy)];
    original.release();
    copied.release();
    assert.deepEqual([original.predecessors.length, copied.predecessors.length], [1, 0]);
    const again = takeServerId(copy);
    t.onTestFinished(() => again.release());
    assert.deepEqual(again.predecessors, [copied.id]);
  });

  it("knows no server where an earlier version has left its file", async (t) => {
    const dataDir = await temporaryFolder(t);
    const file = new DatabaseSync(join(dataDir, "server-id.sqlite"));
    file.exec("CREATE TABLE server (host TEXT PRIMARY KEY, id TEXT NOT NULL)");
    file.prepare("INSERT INTO server VALUES (?, 'one')").run(hostname());
    file.close();
    const { id, predecessors, release } = takeServerId(dataDir);
    release();
    assert.notEqual(id, "one");
    assert.deepEqual(predecessors, []);
  });
});

describe("A server that was killed", () => {
  it("has its devices again at once when it starts again, and not on a copy of its data", async (t) => {
    const token = randomUUID();
    const folder = await temporaryFolder(t);
    const start = async (name: string) => {
      const server = startServerProcess(t, {
        WUTS_PORT: "0",
        WUTS_DATA_DIR: join(folder, name),
        WUTS_BOOTSTRAP_TOKEN: token,
        WUTS_LOG_LEVEL: "fatal",
        WUTS_LEASE_MS: "600000",
      });
      const url = await server.listening;
      return {
        server,
        ask: (path: string, options?: CallOptions) => call(`${url}${path}`, { token, ...options }),
      };
    };
    const first = await start("data");
    dataOf(await first.ask("/devices", { method: "POST", body: { name: "Test" } }), 201);
    dataOf(await first.ask("/status"));
    await first.server.end("SIGKILL");
    await cp(join(folder, "data"), join(folder, "copy"), { recursive: true });
    const [again, copied] = [await start("data"), await start("copy")];
    dataOf(await again.ask("/status"));
    assertRefused(await copied.ask("/status"), 503, "DEVICE_ELSEWHERE");
  });
});

describe("A server on a data folder that another one runs on", () => {
  it("says so in the log, and the first one does not", async (t) => {
    const { log, logged } = captureLog();
    const world = await startWorld({}, { overrides: { log } });
    t.onTestFinished(() => world.stop());
    const message = "another server runs on this data folder";
    assert.deepEqual(logged(message), []);
    const another = await world.startAnother();
    assert.partialDeepStrictEqual(logged(message), [{ data_dir: world.dataDir }]);
    await another.stop();
  });
});
