import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultTable } from "./documents/fault-table.ts";
import { resiliencePath, withSection } from "./documents/readme-section.ts";
import type { TestResults } from "./tests/test-results.ts";
import { vitestPath } from "./tests/vitest-path.ts";

/** Runs the tests of faults and writes what they came to into docs/resilience.md. */
const [kills] = process.argv.slice(2);
if (kills !== undefined && !/^[1-9][0-9]*$/.test(kills)) {
  process.stderr.write("usage: npm run faults [-- <number of kills>]\n");
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), "wuts-faults-"));
try {
  const { WUTS_TEST_DATABASE_URL: postgres, ...environment } = process.env;
  const usual = await run(["quick", "thorough"], environment);
  // Only where there is PostgreSQL: see .ci/with-postgres.
  const ofPostgres = postgres === undefined ? undefined : await run(["postgres"], process.env);
  const testResults = [usual, ofPostgres].flatMap((results) => results?.testResults ?? []);
  const page = await readFile(resiliencePath, "utf8");
  await writeFile(resiliencePath, withSection(page, "faults", "npm run faults", faultTable({ testResults })));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(projects: readonly string[], environment: NodeJS.ProcessEnv): Promise<TestResults> {
  const file = join(folder, `${projects.join("-")}.json`);
  const tests = spawn(
    process.execPath,
    [
      ...[vitestPath, "run", "src/faults/"],
      ...projects.flatMap((name) => ["--project", name]),
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    ],
    {
      cwd: fileURLToPath(new URL("../apps/server", import.meta.url)),
      env: { ...environment, ...(kills && { WUTS_TEST_KILLS: kills }) },
      stdio: "inherit",
    },
  );
  await once(tests, "exit");
  if (tests.exitCode !== 0) process.exitCode = tests.exitCode ?? 1;
  return JSON.parse(await readFile(file, "utf8"));
}
