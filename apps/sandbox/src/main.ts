import { parseArgs } from "node:util";
import { stopOnSignal, whyItDidNotStart } from "@wuts/server/process";
import { bulkNumbers } from "./bulk-accounts.ts";
import { takenEmail, takenTenant } from "./conflict-fixtures.ts";
import { consoleLink, type Sandbox, startSandbox } from "./sandbox.ts";
import { bugNumber, groups, seedAccounts, unregisteredNumber } from "./seed-accounts.ts";

if (readArguments().help) {
  process.stdout.write(`Usage: npm run sandbox

Starts the real server on a simulated WhatsApp, pairs a device, and prints tokens and numbers to look up. Ctrl-C stops it.

Settings are environment variables, as for npm start (docs/configuration.md). Of its own there are:
  WUTS_DATA_DIR            where to keep the data; without it, a temporary folder that is deleted at the end
  WUTS_SANDBOX_PHONE_PORT  the port of the simulated phone's page; without it, a free one
`);
  process.exit();
}

try {
  const sandbox = await startSandbox({ WUTS_LOG_LEVEL: "warn", ...process.env });
  stopOnSignal(sandbox);
  process.stdout.write(greeting(sandbox, await consoleLink(sandbox)));
} catch (error) {
  process.stderr.write(`${whyItDidNotStart(error)}\n`);
  process.exit(1);
}

function readArguments() {
  try {
    return parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } }).values;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nSee npm run sandbox -- --help.\n`,
    );
    process.exit(1);
  }
}

function greeting({ url, token, masterToken, deviceId, phoneUrl }: Sandbox, consoleUrl: string): string {
  return `
WUTS sandbox: the real server on a simulated WhatsApp. A device is paired and connected.

  Base URL       ${url}
  Token          ${token}
  Master token   ${masterToken}
  Device         ${deviceId}
  API page       ${url}/docs
  Phone          ${phoneUrl}
  Console        ${consoleUrl}

The console's link signs you in once, as the admin. The token is the admin's. The master token registers, lists and deletes tenants.

Look up a picture:

  curl -H "Authorization: Bearer ${token}" "${url}/contacts/profile-picture?number=5511999999999"

Numbers to look up:

${accountLines()}

To get a conflict: the user ${takenEmail} and the tenant ${takenTenant} exist.

Ctrl-C stops everything.
`;
}

function accountLines(): string {
  const rows = [
    ...seedAccounts.map(({ description, shows }) => [description.phone, shows]),
    [unregisteredNumber, "not on WhatsApp"],
    [bugNumber, "the server fails with an unexpected error"],
    [`${bulkNumbers[0]} to ${bulkNumbers.at(-1)?.slice(-3)}`, "a thousand numbers, most with a picture"],
    ...groups.map(({ description, shows }) => [description.jid, shows]),
  ];
  return rows.map(([target = "", shows = ""]) => `  ${target.padEnd(25)}${shows}`).join("\n");
}
