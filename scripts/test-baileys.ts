import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { newestCandidate, olderCandidate } from "./tests/baileys-versions.ts";
import { closingLine, countTests, failuresIn, type TestResults } from "./tests/test-results.ts";
import { vitestPath } from "./tests/vitest-path.ts";
import { withoutNpm } from "./without-npm.ts";

/**
 * `npm run test:baileys`: runs the server's tests of WhatsApp, devices and contacts with other versions of Baileys than the pinned one:
 * the one before it and the newest release candidate, or those that are named. They are installed from the registry, each into a
 * folder of its own that is removed afterwards.
 */
const baileys = "@whiskeysockets/baileys";
const tests = [
  "src/whatsapp/",
  "src/sessions/",
  "src/features/",
  "src/operations/contacts/",
  "src/operations/devices/",
];
const server = join(import.meta.dirname, "../apps/server");
const hook = new URL("./tests/other-baileys.ts", import.meta.url).href;

const pinned: unknown = JSON.parse(await readFile(join(server, "package.json"), "utf8")).dependencies[
  baileys
];
const named = process.argv.slice(2);
const versions = named.length > 0 ? named : await usualVersions();
const lines: string[] = [];
for (const version of versions) lines.push(...(await runWith(version)));
process.stdout.write(`\n${lines.join("\n")}\n`);

async function usualVersions(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("npm", ["view", baileys, "versions", "--json"]);
  const newest = newestCandidate(JSON.parse(stdout));
  if (newest === undefined) throw new Error(`the registry has no release candidate of ${baileys}`);
  if (newest === pinned)
    process.stdout.write(`${pinned} is pinned, and the newest release candidate there is\n`);
  return [...new Set([olderCandidate, newest])].filter((version) => version !== pinned);
}

/** @returns what to say of it */
async function runWith(version: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-baileys-"));
  try {
    const install = ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", [...install, "--omit=peer", `${baileys}@${version}`], {
      cwd: folder,
      env: withoutNpm(process.env),
    });
    const report = join(folder, "results.json");
    const env = {
      ...withoutNpm(process.env),
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${hook}`].filter(Boolean).join(" "),
      WUTS_TEST_BAILEYS: folder,
      WUTS_TEST_BAILEYS_VERSION: version,
    };
    const child = spawn(
      process.execPath,
      [
        ...[vitestPath, "run", ...tests, "--project", "quick"],
        ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ],
      { cwd: server, env, stdio: "inherit" },
    );
    await once(child, "exit");
    if (child.exitCode !== 0) process.exitCode = 1;
    const text = await readFile(report, "utf8").catch(() => undefined);
    const results: TestResults = text === undefined ? { testResults: [] } : JSON.parse(text);
    const { passed, failed } = countTests(results);
    if (passed + failed === 0) process.exitCode = 1;
    return [
      ...failuresIn(results).map((failure) => `FAILED: ${failure}`),
      `Baileys ${version}: ${closingLine(countTests(results))}`,
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
