import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import { call } from "../test-support/call.ts";
import {
  mainPath,
  startServerProcess,
  temporaryFolder,
  wutsPath,
} from "../test-support/processes/server-process.ts";

describe("wuts serve", () => {
  it("starts the server, which SIGTERM ends", async (t) => {
    const settings = { WUTS_PORT: "0", WUTS_DATA_DIR: join(await temporaryFolder(t), "data") };
    const server = startServerProcess(t, settings, [wutsPath, "serve"]);
    assert.equal((await call(`${await server.listening}/health/ready`)).status, 200);
    const { code, signal, stderr } = await server.end("SIGTERM");
    assert.deepEqual([code, signal, stderr], [0, null, ""]);
  });

  it("prints what works as it is pasted, and how to get in at later starts", async (t) => {
    const settings = { WUTS_PORT: "0", WUTS_DATA_DIR: join(await temporaryFolder(t), "data") };
    const first = startServerProcess(t, settings);
    const url = await first.listening;
    const { stdout: greeting } = first;
    const code = /^ {2}(http\S+)\/console\/#\/sign-in\/(\S+)$/m.exec(greeting);
    assert.equal(code?.[1], url);
    const signIn = () => call(`${url}/sign-in`, { method: "POST", body: { code: code?.[2] } });
    assert.deepEqual([(await signIn()).status, (await signIn()).status], [201, 404]);
    const curl = /^ {2}(curl .+)$/m.exec(greeting)?.[1] ?? "";
    const pasted = await promisify(execFile)("bash", ["-c", curl.replace(/\/qr$/, "/me")]);
    assert.partialDeepStrictEqual(JSON.parse(pasted.stdout), { success: true });
    await first.end("SIGTERM");

    const second = startServerProcess(t, settings);
    const again = await second.listening;
    assert.ok(second.stdout.includes(`${again}/console/`), second.stdout);
    assert.ok(second.stdout.includes("npx wuts token create --user"), second.stdout);
    assert.ok(!/[0-9a-f]{8}-/.test(second.stdout), second.stdout);
    await second.end("SIGTERM");
  });

  for (const [how, file] of [
    ["npm start", [mainPath]],
    ["npx wuts serve", [wutsPath, "serve"]],
  ] as const) {
    it(`opens no debugger on SIGUSR1, started as by ${how}`, async (t) => {
      const settings = { WUTS_PORT: "0", WUTS_DATA_DIR: join(await temporaryFolder(t), "data") };
      const server = startServerProcess(t, settings, [...file]);
      const url = await server.listening;
      server.signal("SIGUSR1");
      assert.equal((await call(`${url}/health/ready`)).status, 200);
      assert.deepEqual([(await server.end("SIGTERM")).stderr, (await server.ended).code], ["", 0]);
    });
  }

  it("exits with 1 and says why it does not start", async (t) => {
    const { code, stdout, stderr } = await startServerProcess(t, { WUTS_PORT: "http" }, [wutsPath, "serve"])
      .ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.equal(stderr, "WUTS_PORT must be a whole number from 0 to 65535.\n");
  });
});
