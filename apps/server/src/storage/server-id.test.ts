import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
import { captureLog } from "../test-support/captured-log.ts";
import { temporaryFolder } from "../test-support/server-process.ts";
import { startWorld } from "../test-support/world.ts";
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
  it("is the same for each start on a data folder, one after the other", async (t) => {
    const dataDir = join(await temporaryFolder(t), "data");
    const first = takeServerId(dataDir);
    first.release();
    const second = takeServerId(dataDir);
    t.onTestFinished(() => second.release());
    assert.equal(second.id, first.id);
    assert.equal((await stat(join(dataDir, "server-id.sqlite"))).mode & 0o777, 0o600);
  });

  it("is another one for each server that runs beside the first, in this process or in others", async (t) => {
    const dataDir = await temporaryFolder(t);
    const first = takeServerId(dataDir);
    const second = takeServerId(dataDir);
    const third = await holder(t, dataDir);
    assert.equal(new Set([first.id, second.id, third.id]).size, 3);
    assert.deepEqual([first.isSecond, second.isSecond], [false, true]);
    second.release();
    first.release();
  });

  it("is free again when the process that had it was killed", async (t) => {
    const dataDir = await temporaryFolder(t);
    const { id, kill } = await holder(t, dataDir);
    const meanwhile = takeServerId(dataDir);
    assert.notEqual(meanwhile.id, id);
    await kill();
    const next = takeServerId(dataDir);
    t.onTestFinished(() => next.release());
    assert.equal(next.id, id);
  });

  it("is another one on another data folder", async (t) => {
    const [one, two] = [takeServerId(await temporaryFolder(t)), takeServerId(await temporaryFolder(t))];
    one.release();
    two.release();
    assert.notEqual(one.id, two.id);
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
