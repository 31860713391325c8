import { Command } from "commander";
import type { TokenCreateOptions } from "./token-create.ts";
import type { UserListOptions } from "./user-list.ts";
import { wutsVersion } from "./version.ts";

/**
 * Creates the command line, `wuts`. Settings come from the environment, as for the server. The modules of a command are loaded
 * when it runs, so that the help loads nothing.
 *
 * Parsing rejects with commander's own error for a wrong call and for requested help; otherwise with the error that a command
 * threw. A command that has printed its own error sets `process.exitCode`.
 */
export function createProgram(): Command {
  const program = new Command("wuts")
    .description("The WhatsApp HTTP API, and what its operator needs.")
    .usage("<command>")
    .version(wutsVersion())
    .exitOverride()
    .showHelpAfterError("See wuts --help.")
    .configureHelp({ visibleCommands: commandsOf, subcommandTerm: (command) => nameOf(command) })
    .addHelpText(
      "after",
      `
Settings are environment variables, the same for every command; docs/configuration.md lists them.
Exit codes: 0 done, 1 failed, 2 wrong call.`,
    );

  program
    .command("serve")
    .description("start the server, as npm start does; Ctrl-C and SIGTERM end it")
    .action(async () => {
      const { serve } = await import("./serve.ts");
      await serve(process.env);
    });

  program
    .command("secrets")
    .description("the keys that encrypt what devices log in with")
    .command("rotate")
    .description("put a new key into secret.key and encrypt everything with it; the server may run meanwhile")
    .addHelpText(
      "after",
      `
With WUTS_SECRET_KEY nothing makes a new key: set it to "new,old", restart the server, and rotate.
It may be stopped at any moment, and done again.`,
    )
    .action(async () => {
      const { secretsRotate } = await import("./secrets-rotate.ts");
      await secretsRotate(process.env);
    });

  program
    .command("user")
    .description("who may use the server")
    .command("list")
    .description("list the users of all tenants, or of one")
    .option("--tenant <tenant>", "only this tenant's: its id or its name")
    .option("--json", "answer JSON")
    .action(async (options: UserListOptions) => {
      const { userList } = await import("./user-list.ts");
      await userList(process.env, options);
    });

  program
    .command("token")
    .description("what users authenticate with")
    .command("create")
    .description("make a token for a user, and print it once; the server may run meanwhile")
    .requiredOption("--user <user>", "whom it is for: the id or the e-mail address")
    .requiredOption("--name <name>", "what it is called in lists of tokens")
    .option(
      "--expires <when>",
      "when it stops working: 2030-12-31, 2030-12-31T12:00:00Z, or in days such as 90d; never, unless given",
    )
    .option("--tenant <tenant>", "where to look for the user: the id or the name of the tenant")
    .option("--json", "answer JSON")
    .action(async (options: TokenCreateOptions) => {
      const { tokenCreate } = await import("./token-create.ts");
      await tokenCreate(process.env, options);
    });

  program
    .command("doctor")
    .description("check Node, settings, data folder, key, database, WhatsApp and clock, and say what to do")
    .option("--json", "answer JSON")
    .addHelpText(
      "after",
      `
It changes nothing, and may run beside the server. The exit code is 1 when a check failed.`,
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const { doctor } = await import("./doctor.ts");
      await doctor(process.env, json);
    });

  return program;
}

/** @returns the commands that do something, including those in groups such as `token` */
export function commandsOf(command: Command): Command[] {
  return command.commands.flatMap((each) => (each.commands.length > 0 ? commandsOf(each) : [each]));
}

/** @returns the words to type after `wuts` */
export function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}
