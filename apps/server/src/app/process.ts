import { StartRefused } from "../kernel/start-refused.ts";

/** Shuts the process down on SIGTERM and Ctrl-C, with exit code 0; a second, later signal ends it at once. */
export function stopOnSignal(server: { stop(): Promise<void> }): void {
  let stoppingSince: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        // Ctrl-C reaches npm and this process, and npm passes it on: the two signals count once.
        if (performance.now() - stoppingSince > echoMs) process.exit(1);
        return;
      }
      stoppingSince = performance.now();
      server.stop().then(
        // Baileys leaves timers behind that would keep the process alive for days.
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${whyItDidNotStart(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}

const echoMs = 500;

/**
 * Keeps Node from opening a debugger. On SIGUSR1, Node opens one that shows everything that the server holds to any user of the
 * machine; a listener prevents it. `--disable-sigusr1`, where it can be given, covers the time before this call, too.
 */
export function openNoDebugger(): void {
  process.on("SIGUSR1", () => undefined);
}

/** @returns a sentence for the terminal that names the setting to change, or the stack trace when no setting is the cause */
export function whyItDidNotStart(error: unknown): string {
  if (error instanceof StartRefused) {
    return error.mayPass ? `${error.message} wuts doctor says how it is now.` : error.message;
  }
  if (!(error instanceof Error)) return String(error);
  // System errors: https://nodejs.org/api/errors.html#class-systemerror
  const { code, port, path, syscall, message }: NodeJS.ErrnoException & { readonly port?: number } = error;
  const address = "address" in error ? error.address : "hostname" in error ? error.hostname : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `WUTS_PORT: port ${port} is in use already.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `WUTS_HOST: ${address} is no address of this machine.`;
    case "EACCES":
      if (syscall === "listen") return `WUTS_PORT: port ${port} may not be used by this user.`;
      return `WUTS_DATA_DIR: ${path} may not be written by this user.`;
    case "EROFS":
      return `WUTS_DATA_DIR: ${path} is on a file system that is read-only.`;
    case "ENOTDIR":
    case "EEXIST":
      return `WUTS_DATA_DIR: ${path} cannot be made, since there is a file.`;
    default:
      return error.stack ?? message;
  }
}
