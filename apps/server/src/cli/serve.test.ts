import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "vitest";
import { call } from "../test-support/call.ts";
import { startServerProcess, temporaryFolder, wutsPath } from "../test-support/server-process.ts";

describe("wuts serve", () => {
  it("starts the server, which SIGTERM ends", async (t) => {
    const settings = { WUTS_PORT: "0", WUTS_DATA_DIR: join(await temporaryFolder(t), "data") };
    const server = startServerProcess(t, settings, [wutsPath, "serve"]);
    assert.equal((await call(`${await server.listening}/health/ready`)).status, 200);
    const { code, signal, stderr } = await server.end("SIGTERM");
    assert.deepEqual([code, signal, stderr], [0, null, ""]);
  });

  it("exits with 1 and says why it does not start", async (t) => {
    const { code, stdout, stderr } = await startServerProcess(t, { WUTS_PORT: "http" }, [wutsPath, "serve"])
      .ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, "WUTS_PORT must be a whole number from 0 to 65535.\n");
  });
});
