import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { describe, it, type TestContext } from "vitest";

const folder = fileURLToPath(new URL("fixtures", import.meta.url));
const vitest = fileURLToPath(new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url));

interface Run {
  readonly code: number | null;
  readonly output: string;
  /** How each test ended, by its full name. */
  readonly states: Readonly<Record<string, string>>;
  /** What is said of each test beside, by its full name. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Runs one of `fixtures` as every package runs its tests. */
async function run(test: TestContext, fixture: string, environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  const report = join(tmpdir(), `wuts-testing-${crypto.randomUUID()}.json`);
  test.onTestFinished(() => rm(report, { force: true }));
  const { npm_lifecycle_event: _, WUTS_TEST_COMPLETE: __, ...env } = process.env;
  const args = [
    vitest,
    "run",
    `${fixture}.fixture.ts`,
    "--reporter=../../src/reporter.ts",
    "--reporter=json",
  ];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...args, `--outputFile.json=${report}`],
      { cwd: folder, env: { ...env, ...environment } },
      async (_error, stdout, stderr) => {
        const text = await readFile(report, "utf8").catch(reject);
        const { testResults } = JSON.parse(text ?? "{}");
        const tests: { fullName: string; status: string; meta: unknown }[] = testResults[0].assertionResults;
        resolve({
          code: child.exitCode,
          output: stripVTControlCharacters(stdout + stderr),
          states: Object.fromEntries(tests.map((test) => [test.fullName, test.status])),
          meta: Object.fromEntries(tests.map((test) => [test.fullName, test.meta])),
        });
      },
    );
  });
}

describe("A test that asserts nothing", () => {
  it("fails, also while another one asserts", async (t) => {
    const { code, output, states } = await run(t, "assertions");
    assert.equal(code, 1);
    assert.deepEqual(states, {
      "asserts nothing": "failed",
      "asserts by node:assert": "passed",
      "asserts by expect": "passed",
      "at the same time asserts nothing while another test asserts": "failed",
      "at the same time asserts meanwhile": "passed",
      "fails where it asserts": "failed",
    });
    assert.match(
      output,
      /FAILED: assertions\.fixture\.ts > asserts nothing\n +Error: this test has asserted nothing/,
    );
    // An assertion that fails is found where it stands, not where it is counted.
    assert.match(
      output,
      /> fails where it asserts\n +AssertionError(?:.*\n(?! +at ))*.*\n +at \S+\/assertions\.fixture\.ts/,
    );
  });
});

describe("A hook that fails", () => {
  it("is told at once, and why in the report of each test that it kept from running", async (t) => {
    const { code, output, states, meta } = await run(t, "hook");
    assert.equal(code, 1);
    assert.deepEqual(states, { "A suite is never run": "skipped" });
    assert.match(output, /FAILED: hook\.fixture\.ts > A suite\n +Error: the hook failed/);
    assert.deepEqual(meta, { "A suite is never run": { failureOfHook: "the hook failed" } });
  });
});

describe("A file that leaves something open", { concurrent: true }, () => {
  for (const [fixture, left] of [
    ["open-server", "1 TCPServerWrap"],
    ["open-child", "1 ProcessWrap"],
  ] as const) {
    it(`fails, and says what: ${left}`, async (t) => {
      const { code, output } = await run(t, fixture);
      assert.equal(code, 1);
      assert.ok(output.includes(`left open: ${left}.`), output);
    });
  }

  it("passes when that is closed soon", async (t) => {
    assert.equal((await run(t, "closed")).code, 0);
  });
});

describe("A test that never ends", () => {
  it("fails when its time is up", async (t) => {
    const { code, states } = await run(t, "never");
    assert.deepEqual([code, states], [1, { "never ends": "failed" }]);
  });

  it("fails the run when it takes its worker along", async (t) => {
    assert.equal((await run(t, "worker")).code, 1);
  });
});

describe("A test that needs what is missing", () => {
  it("is skipped, and says how to install it", async (t) => {
    const { code, output, states } = await run(t, "missing");
    assert.equal(code, 0);
    assert.deepEqual(states, {
      Pages: "skipped",
      "is handled by a tool": "skipped",
      "needs nothing": "passed",
    });
    assert.match(
      output,
      /skipped: missing\.fixture\.ts > Pages\n +no browser; install it \(apt-get install browser\)/,
    );
  });

  it("fails where nothing may be missing", async (t) => {
    const { code, states } = await run(t, "missing", { WUTS_TEST_COMPLETE: "1" });
    assert.equal(code, 1);
    assert.deepEqual(states, {
      "Pages are shown": "failed",
      "is handled by a tool": "failed",
      "needs nothing": "passed",
    });
  });
});
