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
  const code = server.firstAdmin.isToBeShown ? await server.createFirstSignInCode() : undefined;
  process.stdout.write(greeting(url, server.firstAdmin, code));
}

/** @param code what signs the first admin in to the console; `undefined` when the token is not to be shown */
function greeting(
  url: string,
  { token, isToBeShown, idWithoutToken }: FirstAdmin,
  code: string | undefined,
): string {
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
      "This link signs you in to the console as that admin, once, within a day:",
      "",
      `  ${url}/console/#/sign-in/${code}`,
      "",
      "Pair a phone with:",
      "",
      `  curl -H "Authorization: Bearer ${token}" ${url}/qr`,
    );
  }
  if (!isToBeShown && idWithoutToken === undefined) {
    lines.push(
      `Console at ${url}/console/; another token: npx wuts token create --user <id or e-mail> --name <name> (npx wuts user list shows the users)`,
    );
  }
  return `${lines.join("\n")}\n`;
}
