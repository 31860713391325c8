/** The shape that Baileys wants for a logger. */
export interface SilentLogger {
  level: string;
  child(): SilentLogger;
  trace(): void;
  debug(): void;
  info(): void;
  warn(): void;
  error(): void;
}

/** Says nothing: what goes wrong in a simulator is an `error` event, not a log line. */
export function silentLogger(): SilentLogger {
  const nothing = () => {};
  const logger: SilentLogger = {
    level: "silent",
    child: () => logger,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
  };
  return logger;
}
