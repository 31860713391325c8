import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readmePath, withSection } from "./readme-section.ts";

/** Runs the tests of faults and writes what they came to into the README. */
const [kills] = process.argv.slice(2);
if (kills !== undefined && !/^[1-9][0-9]*$/.test(kills)) {
  process.stderr.write("usage: npm run faults [-- <number of kills>]\n");
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), "wuts-faults-"));
try {
  const table = join(folder, "table.md");
  const tests = spawn(
    process.execPath,
    [
      "--test",
      "--test-concurrency=2",
      "--import=@wuts/whatsapp-simulator/unref-long-timers",
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      "--test-reporter=./scripts/fault-table.ts",
      `--test-reporter-destination=${table}`,
      "apps/server/src/faults/*.test.ts",
    ],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: { ...process.env, WUTS_TEST_FAULT_REPORTS: "1", ...(kills && { WUTS_TEST_KILLS: kills }) },
      stdio: "inherit",
    },
  );
  await once(tests, "exit");
  process.exitCode = tests.exitCode ?? 1;
  const text = (await readFile(table, "utf8")).trim();
  await writeFile(
    readmePath,
    withSection(await readFile(readmePath, "utf8"), "faults", "npm run faults", text),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
