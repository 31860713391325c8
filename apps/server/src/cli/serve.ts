import type { FirstAdmin } from "../app/bootstrap.ts";
import { openNoDebugger, stopOnSignal } from "../app/process.ts";
import { oldNamesIn, readConfig, unknownSettings } from "../config/config.ts";
import type { Environment } from "./environment.ts";

/** Starts the server and prints its address. It stops on SIGTERM and Ctrl-C. @throws the error that keeps it from starting */
export async function serve(environment: Environment): Promise<void> {
  openNoDebugger();
  const config = readConfig(environment);
  // Loaded after the settings are checked, so that an operator with a wrong setting does not wait for it.
  const { composeServer } = await import("../app/compose.ts");
  const server = await composeServer(config);
  for (const sentence of [...unknownSettings(environment), ...oldNamesIn(environment)])
    process.stderr.write(`${sentence}\n`);
  stopOnSignal(server);
  const url = await server.listen();
  process.stdout.write(greeting(url, server.firstAdmin));
}

function greeting(url: string, { token, isToBeShown, idWithoutToken }: FirstAdmin): string {
  const lines = [`WUTS listens on ${url}, API page at ${url}/docs`];
  if (idWithoutToken !== undefined) {
    lines.push(
      "",
      "No user has a token yet. Make one for the first admin where the server runs; nothing prints it but that command:",
      "",
      `  npx wuts token create --user ${idWithoutToken} --name first`,
    );
  }
  if (isToBeShown) {
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
