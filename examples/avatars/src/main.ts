/** Downloads the profile pictures of the numbers in a CSV file: see README.md. */

import { parseArgs } from "node:util";
import { createWuts, WutsError } from "@wuts/client";
import { SingleBar } from "cli-progress";
import { Avatars } from "./avatars.ts";
import { Ledger } from "./ledger.ts";
import { readNumbers } from "./numbers.ts";

const usage = "Usage: WUTS_TOKEN=… node src/main.ts [--full] [--device ID] NUMBERS.csv FOLDER";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: "boolean", default: false }, device: { type: "string" } },
});
const [path, folder] = positionals;
const { WUTS_BASE_URL: baseUrl = "http://127.0.0.1:3000", WUTS_TOKEN: token } = process.env;

if (path === undefined || folder === undefined || token === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    await run(path, folder, token);
  } catch (error) {
    const code = error instanceof WutsError ? ` (${error.code})` : "";
    console.error(`${error instanceof Error ? error.message : error}${code}. Run it again to continue.`);
    process.exitCode = 1;
  }
}

async function run(path: string, folder: string, token: string): Promise<void> {
  const numbers = await readNumbers(path);
  const ledger = await Ledger.open(folder);
  // Waits for the server's rate limits.
  const wuts = createWuts({ baseUrl, token, retries: 5, maxRetryAfterSeconds: 60, timeoutMs: 300_000 });
  const bar = new SingleBar({
    format: "{bar} {value}/{total}, {found} with a picture, {eta_formatted} left",
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 1_000,
    hideCursor: true,
  });
  const recorded = numbers.filter((number) => ledger.has(number));
  let found = recorded.filter((number) => ledger.last(number)?.outcome === "FOUND").length;
  bar.start(numbers.length, recorded.length, { found });
  try {
    await new Avatars({
      wuts,
      numbers,
      folder,
      ledger,
      preview: !values.full,
      deviceId: values.device,
      onDone: (outcome) => {
        if (outcome === "FOUND") found += 1;
        bar.increment(1, { found });
      },
    }).fetchAll();
  } finally {
    bar.stop();
  }
  const entries = await ledger.finish(numbers);
  const counts = Map.groupBy(entries, ({ outcome }) => outcome);
  for (const [outcome, { length }] of counts) console.log(`${length} ${outcome}`);
}
