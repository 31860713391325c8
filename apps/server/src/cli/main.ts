import { CommanderError } from "commander";
import { whyItDidNotStart } from "../app/process.ts";
import { CommandFailed } from "./command-failed.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the error, or the requested help.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const failed = error instanceof CommandFailed ? error : undefined;
    process.stderr.write(`${failed?.message ?? notGenerated(error) ?? whyItDidNotStart(error)}\n`);
    process.exit(failed?.exitCode ?? 1);
  }
}

function notGenerated(error: unknown): string | undefined {
  const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
  if (!isMissing || !/\.gen\.(ts|json)\b/.test(error.message)) return undefined;
  return "What derives from the contract is not there yet: npm run build writes it.";
}
