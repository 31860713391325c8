import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startMock } from "./mock.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

describe("npm run mock", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`says where it listens and what can be chosen, and ends well on ${signal}`, async () => {
      const child = run("0");
      let output = "";
      for await (const chunk of child.stdout ?? []) {
        output += chunk;
        if (output.includes("picture-hidden")) break;
      }
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "";
      assert.equal((await fetch(`${url}/health/live`)).status, 200);
      child.kill(signal);
      assert.deepEqual(await once(child, "exit"), [0, null]);
    });
  }

  for (const port of ["abc", "70000", "-1", ""]) {
    it(`does not start with WUTS_MOCK_PORT=${JSON.stringify(port)}, and names the setting`, async () => {
      const { code, error } = await failed(run(port));
      assert.equal(code, 1);
      assert.match(error, /^WUTS_MOCK_PORT must be a port/);
    });
  }

  it("does not start on a port that is taken, and names the setting", async () => {
    const mock = await startMock({ port: 0 });
    const { code, error } = await failed(run(new URL(mock.url).port));
    await mock.stop();
    assert.equal(code, 1);
    assert.match(error, /^WUTS_MOCK_PORT: port \d+ cannot be taken/);
  });
});

function run(port: string): ChildProcess {
  return spawn(process.execPath, [main], { env: { ...process.env, WUTS_MOCK_PORT: port } });
}

async function failed(child: ChildProcess): Promise<{ code: unknown; error: string }> {
  let error = "";
  child.stderr?.on("data", (chunk) => {
    error += chunk;
  });
  const [code] = await once(child, "close");
  return { code, error };
}
