import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The file that npm starts. */
export const mainPath = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** The file that npx starts for `wuts`. */
export const wutsPath = fileURLToPath(new URL("../../cli/wuts.js", import.meta.url));

/** For processes that get no other environment: where Node keeps what it has compiled, if the tests say so. */
export const compileCache: Record<string, string> = process.env.NODE_COMPILE_CACHE
  ? { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }
  : {};

/** How a process ended, and everything it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends resources when it is over itself: a test, as a rule. */
export interface Scope {
  onTestFinished(end: () => Promise<void>): void;
}

/** The server in a process of its own, as users start it. */
export interface ServerProcess {
  /** The base URL, once it listens; rejects when the process ends before. */
  readonly listening: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Its output on stdout so far. */
  readonly stdout: string;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  /** Sends a message to what was started for a test, and knows what to do with it. */
  tell(message: unknown): void;
  /** Resolves with the next message that it sends. */
  hear(): Promise<unknown>;
  readonly pid: number;
}

/**
 * Starts `main.ts` with these settings and no others. Killed at the end of the test if it still runs.
 * @param file with its arguments, what to start instead
 */
export function startServerProcess(
  test: Scope,
  settings: Record<string, string>,
  file: readonly [string, ...string[]] = [mainPath],
): ServerProcess {
  const child = spawn(process.execPath, file, {
    env: { ...compileCache, ...settings },
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  if (!child.stdout || !child.stderr) throw new Error("the process has no output");
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const ended = once(child, "close").then(
    (): Ended => ({
      code: child.exitCode,
      signal: child.signalCode,
      stdout: stdout.text,
      stderr: stderr.text,
    }),
  );
  test.onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const listening = untilListening(child, stdout, ended);
  // Who only waits for the end does not have to hear that it never listened.
  listening.catch(() => undefined);
  return {
    listening,
    ended,
    get stdout() {
      return stdout.text;
    },
    end(signal) {
      child.kill(signal);
      return ended;
    },
    signal: (signal) => {
      child.kill(signal);
    },
    tell(message) {
      child.send(Object(message));
    },
    hear: () => once(child, "message").then(([message]) => message),
    get pid() {
      if (child.pid === undefined) throw new Error("the process did not start");
      return child.pid;
    },
  };
}

/** Runs `wuts` with these arguments, and these settings and no others. @returns how it ended */
export function runWuts(
  test: Scope,
  args: readonly string[],
  settings: Record<string, string> = {},
): Promise<Ended> {
  return startServerProcess(test, settings, [wutsPath, ...args]).ended;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(test: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-test-"));
  test.onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function collect(stream: NodeJS.ReadableStream): { text: string } {
  const collected = { text: "" };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    collected.text += chunk;
  });
  return collected;
}

async function untilListening(
  child: ChildProcess,
  stdout: { readonly text: string },
  ended: Promise<Ended>,
): Promise<string> {
  for (;;) {
    const url = /^WUTS listens on (\S+),/m.exec(stdout.text)?.[1];
    if (url !== undefined) return url;
    const end = await Promise.race([ended, child.stdout && once(child.stdout, "data")]);
    if (end && "stderr" in end) throw new Error(`it ended before it listened: ${end.stderr}`);
  }
}
