import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { mainPath } from "@wuts/server/test-support/server-process";
import { itUnless } from "@wuts/testing/needs";
import { describe, type TestContext } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const unitPath = join(root, "ops/systemd/wuts.service");

const missingSystemd = spawnSync("systemd-analyze", ["--version"]).error && "apt-get install systemd";

/** Runs what follows it where `/proc` has processes and nothing else, as `ProcSubset=pid` makes it. */
const withProcesses = [
  ...["unshare", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"],
  ...["sh", "-c", 'mount -t proc -o subset=pid proc /proc && exec "$@"', "sh"],
] as const;
const missingNamespaces =
  spawnSync(withProcesses[0], [...withProcesses.slice(1), "true"]).status === 0
    ? undefined
    : "allow this user to make namespaces (unshare --map-root-user --mount --pid)";

describe("The systemd unit", () => {
  itUnless(missingSystemd, "is understood by systemd, in each line", async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, "wuts.service");
    // Where the checkout is that has the Node which it starts, and a page to refer to.
    await writeFile(
      path,
      (await readFile(unitPath, "utf8")).replaceAll("/opt/wuts", root.replace(/\/$/, "")),
    );
    const { stdout, stderr } = await promisify(execFile)("systemd-analyze", ["verify", "--man=no", path]);
    assert.equal(stdout + stderr, "");
  });

  itUnless(missingSystemd, "leaves the server little to do harm with, in systemd's own opinion", async () => {
    const mostExposed = "14";
    const judging = promisify(execFile)("systemd-analyze", [
      ...["security", "--offline=true", "--no-pager", `--threshold=${mostExposed}`, unitPath],
    ]);
    const { stdout } = await judging;
    assert.match(stdout, /Overall exposure level for wuts\.service: [01]\.\d /);
  });

  itUnless(
    missingNamespaces,
    "has a server that starts, and knows its memory, CPU time and age",
    async (t) => {
      const [program, ...args] = withProcesses;
      const server = spawn(program, [...args, process.execPath, "--disable-sigusr1", mainPath], {
        cwd: await temporaryFolder(t),
        env: { PATH: process.env.PATH, WUTS_PORT: "0", WUTS_WHATSAPP_URL: "ws://127.0.0.1:9" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      t.onTestFinished(async () => {
        if (server.exitCode !== null || server.signalCode !== null) return;
        server.kill("SIGKILL");
        await once(server, "close");
      });
      let printed = "";
      server.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        printed += chunk;
      });
      for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
        printed += String(chunk);
        if (/^WUTS listens on /m.test(printed)) break;
      }
      const url = /^WUTS listens on (\S+),/m.exec(printed)?.[1];
      assert.ok(url, printed);
      const figures = await (await fetch(`${url}/metrics`)).text();
      const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(figures)?.[1]);
      const [total, used] = [figure("nodejs_heap_size_total_bytes"), figure("nodejs_heap_size_used_bytes")];
      assert.ok(used > 2 ** 20 && used <= total, `${used} of ${total}`);
      const resident = figure("process_resident_memory_bytes");
      assert.ok(resident > total && resident < 2 ** 32, String(resident));
      assert.ok(figure("nodejs_external_memory_bytes") > 0);
      assert.ok(figure("process_cpu_seconds_total") > 0.05);
      const age = Date.now() / 1000 - figure("process_start_time_seconds");
      assert.ok(age > 0 && age < 120, String(age));
    },
  );
});

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-unit-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
