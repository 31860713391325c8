import type { Logger } from "pino";

/** The part of a logger that Baileys uses. */
export interface BaileysLogger {
  level: string;
  child(bindings: Record<string, unknown>): BaileysLogger;
  trace(data: unknown, message?: string): void;
  debug(data: unknown, message?: string): void;
  info(data: unknown, message?: string): void;
  warn(data: unknown, message?: string): void;
  error(data: unknown, message?: string): void;
}

/**
 * Gives Baileys a log to write to that cannot leak: it passes on the message text only, since the objects beside it
 * hold keys, stanzas and message text, and masks long runs of digits, since they are phone numbers. Everything goes to
 * `debug`, whatever Baileys thinks of it: what matters to an operator is logged by this server itself.
 * @param onTrace gets what Baileys says at the level `trace`, which is never logged
 */
export function baileysLogger(
  log: Logger,
  onTrace: (data: unknown, message?: string) => void = () => undefined,
): BaileysLogger {
  const write = (level: string) => (data: unknown, message?: string) => {
    if (!log.isLevelEnabled("debug")) return;
    const text = message ?? (typeof data === "string" ? data : undefined);
    if (text !== undefined) log.debug({ baileys: level }, masked(text));
  };
  const logger: BaileysLogger = {
    // Baileys compares this with "trace" and "debug" to decide whether to render stanzas as text; it must not.
    level: "info",
    child: () => logger,
    trace: onTrace,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  return logger;
}

/**
 * Reads the text alone of an error, since the other fields of Baileys' errors may hold a stanza.
 * @returns the text, without long runs of digits
 */
export function textOfError(error: unknown): string {
  return masked(error instanceof Error ? error.message : String(error));
}

function masked(text: string): string {
  return text.replace(/\d{5,}/g, "…");
}
