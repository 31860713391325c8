import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const configPath = fileURLToPath(new URL("../../../../redocly.yaml", import.meta.url));
const cli = fileURLToPath(import.meta.resolve("@redocly/cli/bin/cli.js"));

export interface Problem {
  readonly rule: string;
  readonly severity: string;
  /** A JSON pointer, such as `#/info`. */
  readonly at: string;
  readonly message: string;
}

export interface Linted {
  /** The exit code: 0 when nothing is wrong. */
  readonly code: number;
  /** What was said beside the problems. */
  readonly said: string;
  /** In the order of the contracts. */
  readonly problems: readonly (readonly Problem[])[];
}

/** What `redocly lint` says of contracts under the rules of redocly.yaml; one process for all of them. */
export async function lint(contracts: readonly unknown[]): Promise<Linted> {
  const folder = await mkdtemp(join(tmpdir(), "wuts-lint-"));
  try {
    const files = contracts.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(files.map((file, index) => writeFile(file, JSON.stringify(contracts[index]))));
    const options = ["--config", configPath, "--lint-config", "error", "--max-problems", "10000"];
    const { code, stdout, stderr } = await run([cli, "lint", ...files, ...options, "--format", "json"]);
    const problems = files.map(() => [] as Problem[]);
    for (const problem of problemsIn(stdout))
      problems[Number(basename(problem.file, ".json"))]?.push(problem);
    return { code, said: stderr, problems };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Report {
  readonly problems: readonly {
    readonly ruleId: string;
    readonly severity: string;
    readonly message: string;
    readonly location: readonly { readonly source: { readonly ref: string }; readonly pointer: string }[];
  }[];
}

/** @param output one JSON document for each contract, one behind the other */
function problemsIn(output: string): (Problem & { readonly file: string })[] {
  return output.split(/(?<=^\})(?=\{$)/m).flatMap((text) => {
    const report: Report = JSON.parse(text);
    return report.problems.map(({ ruleId, severity, message, location: [place] }) => ({
      rule: ruleId,
      severity,
      message,
      at: place?.pointer ?? "",
      file: place?.source.ref ?? "",
    }));
  });
}

function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
