import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileCache } from "@wuts/server/test-support/server-process";
import { runPrintedCurls } from "@wuts/testing/printed-curls";
import { describe, it, type TestContext } from "vitest";
import { seedAccounts } from "./seed-accounts.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

interface Printed {
  readonly child: ChildProcess;
  readonly token: string;
  readonly masterToken: string;
  readonly device: string;
  readonly consoleUrl: string;
  /** Runs the printed curl lines, each of which is answered with 200. @returns what the first is answered */
  ask(): Promise<unknown>;
}

/** Starts it as users do, and reads what it prints. */
async function start(t: TestContext, settings: Record<string, string> = {}): Promise<Printed> {
  const child = spawn(process.execPath, [main], {
    env: { ...compileCache, WUTS_PORT: "0", TMPDIR: tmpdir(), ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8");
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes("Ctrl-C")) break;
  }
  for (const { description, shows } of seedAccounts)
    assert.ok(text.includes(description.phone) && text.includes(shows));
  assert.match(text, /^ *Phone +http:\/\/127\.0\.0\.1:\d+\/$/m);
  return {
    child,
    token: /^ *Token +(\S+)/m.exec(text)?.[1] ?? "",
    masterToken: /^ *Master token +(\S+)/m.exec(text)?.[1] ?? "",
    device: /Device +(\S+)/.exec(text)?.[1] ?? "",
    consoleUrl: /Console +(\S+)/.exec(text)?.[1] ?? "",
    async ask() {
      const curls = await runPrintedCurls(text);
      assert.deepEqual([...new Set(curls.map(({ status }) => status))], [200], text);
      return JSON.parse(curls[0]?.body ?? "");
    },
  };
}

async function end({ child }: Printed, signal: NodeJS.Signals) {
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
  return child.exitCode;
}

const found = { success: true, data: { picture_id: "1700000000", jid: "5511999999999@s.whatsapp.net" } };

describe("npm run sandbox", () => {
  it("prints a link to the console that signs in once, and has no token in it; it stops on SIGTERM with exit code 0", async (t) => {
    const printed = await start(t);
    const { origin, pathname, hash } = new URL(printed.consoleUrl);
    assert.equal(pathname, "/console/");
    assert.ok(!printed.consoleUrl.includes(printed.token));
    const code = hash.slice("#/sign-in/".length);
    const signIn = () =>
      fetch(`${origin}/sign-in`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code }),
      });
    assert.equal((await signIn()).status, 201);
    assert.equal((await signIn()).status, 404);
    assert.equal(await end(printed, "SIGTERM"), 0);
  });

  it("prints curl lines that work as they are pasted, and stops on SIGINT with exit code 0", async (t) => {
    const sandbox = await start(t);
    assert.partialDeepStrictEqual(await sandbox.ask(), found);
    assert.equal(await end(sandbox, "SIGINT"), 0);
  });

  it("is connected again without pairing after kill -9, with the same tokens and device", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "wuts-test-"));
    t.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const first = await start(t, { WUTS_DATA_DIR: folder });
    assert.equal(await end(first, "SIGKILL"), null);
    const second = await start(t, { WUTS_DATA_DIR: folder });
    for (const same of ["token", "masterToken", "device"] as const) {
      assert.match(first[same], /^[0-9a-f-]{36}$/);
      assert.equal(second[same], first[same]);
    }
    assert.partialDeepStrictEqual(await second.ask(), found);
    assert.equal(await end(second, "SIGTERM"), 0);
  });

  it("--help says what it does and takes, and starts nothing", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--help"], {
      env: { ...compileCache, TMPDIR: tmpdir() },
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^Usage: npm run sandbox\n/);
    assert.match(stdout, /WUTS_SANDBOX_PHONE_PORT/);
  });

  it("takes no option that it does not know", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--port", "1"], {
      env: { ...compileCache, TMPDIR: tmpdir() },
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /--port.*\nSee npm run sandbox -- --help\.\n$/);
  });

  it("does not start with a setting that cannot be", async (t) => {
    const child = spawn(process.execPath, [main], {
      env: { ...compileCache, WUTS_LOG_LEVEL: "loud", TMPDIR: tmpdir() },
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.onTestFinished(() => void child.kill("SIGKILL"));
    child.stderr.setEncoding("utf8");
    let text = "";
    child.stderr.on("data", (chunk: string) => {
      text += chunk;
    });
    await once(child, "close");
    assert.deepEqual([child.exitCode, text], [1, "WUTS_LOG_LEVEL must be a level of the log.\n"]);
  });
});
