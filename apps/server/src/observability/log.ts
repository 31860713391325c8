import { type DestinationStream, type Logger, pino } from "pino";

/**
 * Creates the server's log: one JSON object a line. The code that writes a line keeps secrets out of it; this redaction is the
 * second barrier, for secrets that slip through.
 * @param secretFields names of fields whose values are never written, the contract's `x-redact`
 * @param destination stdout unless told otherwise
 */
export function createLog(
  level: string,
  secretFields: readonly string[],
  destination: DestinationStream = linesTogether(),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: [...notInContract, ...secretFields].flatMap(pathsOf), censor: "[secret]" },
      serializers: { err: errorForLog, cause: errorForLog },
    },
    destination,
  );
}

/**
 * Writes to stdout, one write for all lines of a turn of the event loop: a write takes longer than logging a line. The rest is
 * written when the process exits.
 */
function linesTogether(): DestinationStream {
  // Synchronous: pending asynchronous writes would be lost at the exit, or come after the lines that are written then.
  const stdout = pino.destination({ dest: 1, sync: true });
  let lines = "";
  const write = () => {
    if (lines === "") return;
    process.off("exit", write);
    stdout.write(lines);
    lines = "";
  };
  return {
    write(line) {
      if (lines === "") {
        process.once("exit", write);
        setImmediate(write);
      }
      lines += line;
      if (lines.length > heldAtMost) write();
    },
  };
}

/** The size of the buffer in characters; a larger one is written at once. */
const heldAtMost = 65_536;

/** Secrets that are no field of any operation. */
const notInContract = ["token", "authorization", "creds", "keys"];

/** Fields are redacted to this depth: in a log line, in an object there, in an envelope's `data`, in an item of a list. */
function pathsOf(name: string): string[] {
  return ["", "*.", "*.*.", "*.*.*.", "*.*.*.*."].map((above) => above + name);
}

/**
 * Serializes an error without its other properties: those of Baileys contain stanzas. Long runs of digits are phone numbers.
 */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === "string" ? masked(error) : String(typeof error);
  return {
    type: error.name,
    message: masked(error.message),
    stack: masked(error.stack ?? ""),
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  };
}

function masked(text: string): string {
  return text.replace(/\d{7,}/g, "…");
}
