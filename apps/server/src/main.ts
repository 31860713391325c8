import { composeServer, type Server } from "./compose.ts";
import { ConfigError, readConfig, unknownSettings } from "./config.ts";

try {
  const server = await composeServer(readConfig(process.env));
  for (const name of unknownSettings(process.env)) {
    process.stderr.write(`${name} is not a setting of this server, see the README.\n`);
  }
  stopOnSignal(server);
  const url = await server.listen();
  process.stdout.write(greeting(url, process.env.WUTS_BOOTSTRAP_TOKEN ? undefined : server.bootstrapToken));
} catch (error) {
  process.stderr.write(`${whyItDidNotStart(error)}\n`);
  process.exit(1);
}

function stopOnSignal(server: Server): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // A second Ctrl-C means it.
      if (stopping) process.exit(1);
      stopping = true;
      server.stop().then(
        // Baileys leaves timers behind that would keep the process alive for days.
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
}

function greeting(url: string, token: string | undefined): string {
  const lines = [`WUTS listens on ${url}, API page at ${url}/docs`];
  if (token !== undefined) {
    lines.push(
      "",
      "This is the token of the first admin. It is shown this once and stored nowhere:",
      "",
      `  ${token}`,
      "",
      "Pair a phone with:",
      "",
      `  curl -H "Authorization: Bearer ${token}" ${url}/qr`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function whyItDidNotStart(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "WUTS_PORT names a port that is in use already.";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "WUTS_HOST names no address of this machine.";
  if (code === "EACCES" || code === "EROFS" || code === "ENOTDIR" || code === "EEXIST") {
    return `WUTS_DATA_DIR or WUTS_PORT may not be used: ${error instanceof Error ? error.message : code}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
