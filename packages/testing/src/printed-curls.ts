import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a curl line that a program has printed came to. */
export interface PrintedCurl {
  readonly line: string;
  /** The status of the response; 0 when there was none. */
  readonly status: number;
  readonly body: string;
}

/** The longest that a line may take. */
const limitMs = 30_000;

/** A user sees the body; a test sees the status as well, and the line stays as it was printed. */
const withStatus = `curl() { command curl --silent --write-out '%{stderr}%{http_code}' "$@"; }`;

/**
 * Runs each curl line of what a program has printed, one after the other, by bash and exactly as it is printed. Its name is
 * `curl`, at the beginning of an indented line.
 */
export async function runPrintedCurls(output: string): Promise<PrintedCurl[]> {
  const ran: PrintedCurl[] = [];
  for (const [, line = ""] of output.matchAll(/^ +(curl .*)$/gm)) {
    const { stdout, stderr } = await promisify(execFile)("bash", ["-c", `${withStatus}\n${line}`], {
      timeout: limitMs,
    });
    ran.push({ line, status: Number(stderr), body: stdout });
  }
  return ran;
}
