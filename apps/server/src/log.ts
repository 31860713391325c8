import { type Logger, pino } from "pino";

/**
 * The server's log: one JSON object a line on stdout. What must not be logged is kept out where lines are written; this
 * is the second fence, for what slips through.
 */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: "[secret]" },
    serializers: { err: errorForLog, cause: errorForLog },
  });
}

const secretPaths = ["token", "authorization", "creds", "keys"].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

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
