import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  closingLine,
  countTests,
  failuresIn,
  sumOf,
  type TestCounts,
  type TestResults,
} from "./tests/test-results.ts";

/**
 * Runs tasks of tests by turbo, in every package that has them, and ends with a line that counts:
 * `node scripts/test.ts test`. With `--count` it runs nothing and counts what ran last.
 */
const root = join(import.meta.dirname, "..");
/** Longer than any run. A worker whose JavaScript never returns would hold it up for ever. */
const limitMs = 50 * 60_000;
/** What `.ci/with-postgres` exits with when there is none and it may not install it. */
const noPostgres = 3;

const args = process.argv.slice(2);
const tasks = args.filter((arg) => !arg.startsWith("--"));
const counts: TestCounts[] = [];
const failures: string[] = [];
for (const task of tasks) {
  const reports = await reportsOf(task);
  if (!args.includes("--count")) {
    await Promise.all(reports.map((report) => rm(report, { force: true })));
    const exitCode = await run(task);
    if (task === "test:postgres" && exitCode === noPostgres && process.env.WUTS_TEST_COMPLETE !== "1") {
      counts.push({ passed: 0, failed: 0, skipped: 1 });
      continue;
    }
    if (exitCode !== 0) process.exitCode = 1;
  }
  counts.push(...(await Promise.all(reports.map(countIn))));
}
const sum = sumOf(counts);
if (sum.failed > 0) process.exitCode = 1;
process.stdout.write(
  `\n${[...failures.map((failure) => `FAILED: ${failure}`), closingLine(sum)].join("\n")}\n`,
);

/** Where the packages that have this task report what came of it. */
async function reportsOf(task: string): Promise<string[]> {
  const reports: string[] = [];
  const manifests = glob(["scripts/package.json", "{apps,packages,examples}/*/package.json"], { cwd: root });
  for await (const manifest of manifests) {
    const { scripts = {} } = JSON.parse(await readFile(join(root, manifest), "utf8"));
    if (task in scripts)
      reports.push(join(root, dirname(manifest), "reports", `${task.replaceAll(":", "-")}.json`));
  }
  return reports;
}

/** A package without a report has failed: its tests were never run, or never ended. So has one that ran no test. */
async function countIn(report: string): Promise<TestCounts> {
  const text = await readFile(report, "utf8").catch(() => undefined);
  const results: TestResults = text === undefined ? { testResults: [] } : JSON.parse(text);
  failures.push(...failuresIn(results));
  const counted = countTests(results);
  if (counted.passed + counted.failed + counted.skipped > 0) return counted;
  failures.push(`${report} is missing, or names no test`);
  return { passed: 0, failed: 1, skipped: 0 };
}

async function run(task: string): Promise<number> {
  // Loads, kills and browsers need the machine for themselves; the others wait more than they compute.
  const concurrency = task === "test" ? 2 : 1;
  const turbo = [
    "turbo",
    "run",
    task,
    "--continue",
    "--output-logs=new-only",
    `--concurrency=${concurrency}`,
  ];
  const [program = "", ...rest] =
    task === "test:postgres" ? [join(root, ".ci/with-postgres"), ...turbo] : turbo;
  const env = { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node"), ...process.env };
  const child = spawn(program, rest, { cwd: root, env, stdio: "inherit", timeout: limitMs });
  await once(child, "exit");
  return child.exitCode ?? 1;
}
