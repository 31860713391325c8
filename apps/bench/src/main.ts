import { mkdir, writeFile } from "node:fs/promises";
import { runBench } from "./bench.ts";
import { readOptions } from "./options.ts";
import { table } from "./table.ts";

const results = new URL("../results/", import.meta.url);
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // A second one ends this process at once; the others end with it.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort(new Error("stopped"));
  });
}

try {
  const options = readOptions(process.env);
  const result = await runBench(options, stopping.signal, (line) => process.stderr.write(`${line} …\n`));
  await mkdir(results, { recursive: true });
  await writeFile(new URL("latest.json", results), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(table(result));
} catch (error) {
  const text = error instanceof RangeError ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(stopping.signal.aborted ? "stopped\n" : `${text}\n`);
  process.exitCode = stopping.signal.aborted ? 130 : 1;
}
