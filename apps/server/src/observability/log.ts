import { type DestinationStream, type Logger, pino } from "pino";

/**
 * The server's log: one JSON object a line. What must not be logged is kept out where lines are written; this is the
 * second fence, for what slips through.
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
 * Writes to stdout, and there together what is logged in one turn of the event loop: to write takes longer than to log. What
 * is left when the process ends is written then.
 */
function linesTogether(): DestinationStream {
  // What were still being written when the process ends would be lost, or come after what is written then.
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

/** Characters; more is written at once. */
const heldAtMost = 65_536;

/** Secrets that no operation takes or gives in a field. */
const notInContract = ["token", "authorization", "creds", "keys"];

/** A field is found this deep: in a line of the log, in an object there, in an envelope's `data`, in an item of a list. */
function pathsOf(name: string): string[] {
  return ["", "*.", "*.*.", "*.*.*.", "*.*.*.*."].map((above) => above + name);
}

/**
 * An error without its other properties: those of Baileys hold stanzas. Long runs of digits are phone numbers.
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
