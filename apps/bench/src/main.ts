import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandLine, readOptions, usage } from "./options.ts";
import { withResults } from "./readme.ts";
import type { Result } from "./result.ts";
import { runBench } from "./run.ts";
import { table } from "./table.ts";

const performancePath = fileURLToPath(new URL("../../../docs/performance.md", import.meta.url));
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // A second one ends this process at once; the others end with it.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort(new Error("stopped"));
  });
}

try {
  const options = readOptions(process.argv.slice(2), process.env.INIT_CWD);
  await (options.readme ? writePage(options) : measure(options));
} catch (error) {
  const text = error instanceof RangeError ? `${error.message}\n\n${usage}` : stackOf(error);
  process.stderr.write(stopping.signal.aborted ? "stopped\n" : `${text}\n`);
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}

async function measure(options: CommandLine): Promise<void> {
  const result = await runBench(options, stopping.signal, (line) => process.stderr.write(`${line} …\n`));
  await mkdir(dirname(options.json), { recursive: true });
  await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(table(result));
}

async function writePage({ json }: CommandLine): Promise<void> {
  // The output of `measure`.
  const result = JSON.parse(await readFile(json, "utf8")) as Result;
  await writeFile(performancePath, withResults(await readFile(performancePath, "utf8"), result));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
