import assert from "node:assert/strict";
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startMock } from "@wuts/mock";
import { type Sandbox, startSandbox } from "@wuts/sandbox";
import { describe, it, type TestContext } from "vitest";
import { type Sample, samplesOf } from "../documents/samples.ts";
import { withoutNpm } from "../without-npm.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const metricsToken = "7d9f3a52-6c1e-4b7a-9f0d-2e8c5b4a1f36";

/**
 * Makes tests that do what a reader does: they go through a page from the top to the bottom, and run what stands there, as it
 * stands there. The samples of a language are one session, on a sandbox of their own.
 */
export async function describeSamples(page: string): Promise<void> {
  const samples = await samplesOf(root, page);
  const session = samples.filter(({ mark }) => !["server", "run", "not run"].includes(mark?.kind ?? ""));
  const commands = session.filter(({ language }) => language === "sh");
  const programs = session.filter(({ language }) => language === "ts");
  const servers = samples.filter(({ mark }) => mark?.kind === "server");
  if (commands.length + programs.length + servers.length === 0) return;
  describe(page, () => {
    if (commands.length > 0)
      it("has commands that work", async (t) => {
        await runCommands(await arrange(t), samples, commands);
      });
    if (programs.length > 0)
      it("has TypeScript that works", async (t) => {
        await runProgram(await arrange(t), programs);
      });
    for (const sample of servers)
      it(`has a command that starts a server, on line ${sample.line}`, (t) => startAsWritten(t, sample));
  });
}

/** Where a page's samples run. */
interface Place {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Puts the servers of this test in the place of those that the samples name. */
  atHome(code: string): string;
}

async function arrange(t: TestContext): Promise<Place> {
  const folder = await temporaryFolder(t);
  const dataDir = join(folder, "data");
  const sandbox = await startSandbox({
    WUTS_PORT: "0",
    WUTS_DATA_DIR: dataDir,
    WUTS_METRICS_TOKEN: metricsToken,
    WUTS_LOG_LEVEL: "silent",
  });
  t.onTestFinished(() => sandbox.stop());
  const mock = await startMock({ port: 0 });
  t.onTestFinished(() => mock.stop());
  // What readers of a checkout have: its packages, and a picture of theirs.
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const image = await sandbox.wuts.contacts.getProfilePictureImage({ number: "5511999999999" });
  await writeFile(join(folder, "photo.jpg"), image.stream());
  const { user } = await sandbox.wuts.users.getMe();
  const env = {
    ...plainEnvironment(),
    WUTS_DATA_DIR: dataDir,
    TOKEN: sandbox.token,
    DEVICE_ID: sandbox.deviceId,
    USER_ID: user.id,
    ADMIN: user.id,
    WUTS_MASTER_TOKEN: sandbox.masterToken,
    WUTS_METRICS_TOKEN: metricsToken,
  };
  const atHome = (code: string) =>
    code.replaceAll("http://127.0.0.1:3000", sandbox.url).replaceAll("http://127.0.0.1:4010", mock.url);
  return { sandbox, folder, env, atHome };
}

/** Runs them in one shell, each behind the other, and stops at the first that fails. */
async function runCommands(place: Place, all: readonly Sample[], commands: readonly Sample[]): Promise<void> {
  const parts = await Promise.all(
    commands.map(async ({ line, code, mark }) => {
      const variables = mark?.kind === "with" ? await variablesWith(mark.what, place) : {};
      const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
      const isRefused = mark?.kind === "prints";
      return `echo "${markOf(line)}"; echo "${markOf(line)}" >&2
${exports.join("")}ON_ERROR=${isRefused ? "--no-fail" : "--fail-with-body"}
${place.atHome(code)}`;
    }),
  );
  const { code, stdout, stderr } = await ended(
    spawn("bash", ["-c", prelude + parts.join("\n")], spawnIn(place)),
  );
  assert.equal(code, 0, `${commands[0]?.page}: a command failed\n${stdout}\n${stderr}`);
  for (const sample of commands) {
    const printed = stdout.split(`${markOf(sample.line)}\n`)[1]?.split("@@ line ")[0] ?? "";
    const where = `${sample.page}:${sample.line}`;
    if (sample.mark?.kind === "prints")
      assert.ok(
        printed.includes(sample.mark.text),
        `${where} does not print ${sample.mark.text}: ${printed}`,
      );
    const next = all[all.indexOf(sample) + 1];
    if (next?.language === "json")
      assert.deepEqual(
        shapeOf(JSON.parse(printed)),
        shapeOf(JSON.parse(next.code)),
        `${where}: what it answers`,
      );
  }
}

const markOf = (line: number) => `@@ line ${line}`;

/** A response of 400 and more fails a sample, unless it is to be shown. Readers see the end of each response in a line. */
const prelude = `set -euo pipefail
curl() { command curl --silent --show-error --max-time 60 "$ON_ERROR" "$@"; }
`;

/** What a mark asks for besides what is there: the variables that are other ones from this sample on. */
async function variablesWith(what: string, { sandbox }: Place): Promise<Record<string, string>> {
  switch (what) {
    case "a new device":
      return { DEVICE_ID: (await sandbox.wuts.devices.create({ name: "New" })).id };
    case "the first device":
      return { DEVICE_ID: sandbox.deviceId };
    case "a new tenant": {
      const admin = { email: "new@example.com" };
      return { TOKEN: (await sandbox.master.tenants.register({ tenant_name: "New", ...admin })).token };
    }
    default:
      throw new Error(`no test knows what a sample with ${what} needs`);
  }
}

/** Runs them as one program. What it prints has no value that is not there. */
async function runProgram(place: Place, programs: readonly Sample[]): Promise<void> {
  const file = join(place.folder, "samples.mts");
  await writeFile(file, place.atHome(programs.map(({ code }) => code).join("\n")));
  const { code, stdout, stderr } = await ended(spawn(process.execPath, [file], spawnIn(place)));
  assert.deepEqual([stderr, code], ["", 0], programs[0]?.page);
  assert.ok(stdout !== "" && !/undefined|\[object/.test(stdout), `${programs[0]?.page} prints ${stdout}`);
}

/** Starts a server as a reader does, but without installing and building first, asks it how it is, and stops it. */
async function startAsWritten(t: TestContext, { code, page, line }: Sample): Promise<void> {
  const folder = await temporaryFolder(t);
  const withoutInstalling = `set -eu
npm() { if [ "$1" != ci ]; then command npm --ignore-scripts "$@"; fi; }
`;
  const child = spawn("bash", ["-c", withoutInstalling + code], {
    cwd: root,
    env: { ...plainEnvironment(), WUTS_PORT: "0", WUTS_MOCK_PORT: "0", WUTS_DATA_DIR: join(folder, "data") },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group, so that the signal reaches npm and what npm has started.
    detached: true,
  });
  const { pid } = child;
  assert.ok(pid !== undefined);
  const end = ended(child);
  t.onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGKILL");
    await end;
  });
  const url = await Promise.race([
    printedUrl(child),
    end.then(({ stderr }) => assert.fail(`${page}:${line} ended before it listened: ${stderr}`)),
  ]);
  const response = await fetch(`${url}/health/live`);
  assert.equal(response.status, 200, `${page}:${line}`);
  await response.body?.cancel();
  process.kill(-pid, "SIGTERM");
  await end;
}

async function printedUrl({ stdout }: ChildProcess): Promise<string> {
  let printed = "";
  for (;;) {
    const [chunk] = stdout ? await once(stdout, "data") : [];
    printed += String(chunk);
    const [url] = /http:\/\/127\.0\.0\.1:\d+(?=[\s,])/.exec(printed) ?? [];
    if (url !== undefined) return url;
  }
}

function spawnIn({ folder, env }: Place): SpawnOptions {
  return { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], timeout: 100_000 };
}

export async function ended(
  child: ChildProcess,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  assert.ok(child.stdout && child.stderr);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}

/** The environment of a reader: none of npm's and the tests' variables, and the Node of this checkout. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(withoutNpm(process.env)).filter(
    ([name]) => !/^(WUTS_|OTEL_|NODE_ENV)/.test(name),
  );
  return { ...Object.fromEntries(inherited), PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-samples-"));
  t.onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** @returns the names of the fields of a JSON value, and of those in it, without their values */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)]));
}
