import { StartRefused } from "./start-refused.ts";

/** Ends the process in order on SIGTERM and Ctrl-C, with exit code 0; a second one, later, ends it at once. */
export function stopOnSignal(server: { stop(): Promise<void> }): void {
  let stoppingSince: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        // Ctrl-C reaches npm and this process, and npm passes it on: that is one, not two.
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

/** @returns a sentence for the terminal that names the setting to change, or the stack of what is no setting's fault */
export function whyItDidNotStart(error: unknown): string {
  if (error instanceof StartRefused) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") return "WUTS_PORT names a port that is in use already.";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "WUTS_HOST names no address of this machine.";
  if (["EACCES", "EROFS", "ENOTDIR", "EEXIST"].includes(code)) {
    return `WUTS_DATA_DIR or WUTS_PORT may not be used: ${error instanceof Error ? error.message : code}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
