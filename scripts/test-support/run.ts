import { execFile } from "node:child_process";
import { join } from "node:path";

export interface Result {
  readonly code: number | null;
  /** What it printed, to stdout and then to stderr. */
  readonly output: string;
}

/** Runs one of `scripts` on the repository at `root`, with the Node that runs the test. */
export function runScript(name: string, root: string): Promise<Result> {
  return run(process.execPath, [join(import.meta.dirname, "..", name), root], root);
}

export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { cwd, env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}
