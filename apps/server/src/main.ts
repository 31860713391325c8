import { composeServer } from "./compose.ts";
import { readConfig, unknownSettings } from "./config.ts";
import { stopOnSignal, whyItDidNotStart } from "./process.ts";

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
