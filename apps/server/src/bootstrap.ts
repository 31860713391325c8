import { randomUUID } from "node:crypto";
import { type Config, ConfigError } from "./config.ts";
import { isLoopbackAddress } from "./loopback-address.ts";
import type { Database } from "./storage/database.ts";
import { hasUnprintedToken } from "./storage/printed-tokens.ts";
import { usersIn } from "./storage/users.ts";

/**
 * Makes the first tenant and its admin in a database that has nobody. A token that the server makes itself is printed, and
 * may be read by others then, in a scroll-back or in the log of a container. So a server that has no other one must not be
 * reached from elsewhere, unless whoever runs it says that it is meant so. It makes none before that is settled, or nobody
 * would ever see it.
 * @returns the first admin's token, and whether it was made now
 * @throws ConfigError when others could reach it; the database is closed then
 */
export async function bootstrap(
  config: Config,
  database: Database,
): Promise<{ token: string; bootstrapped: boolean }> {
  const users = usersIn(database);
  try {
    const { bootstrapToken: given } = config;
    const bootstrapped = given !== undefined && (await users.bootstrap(given));
    const isSafe =
      config.production || isLoopbackAddress(config.host) || (await hasUnprintedToken(database, given));
    if (!isSafe) throw new ConfigError(refusal(config.host));
    if (given !== undefined) return { token: given, bootstrapped };
    const token = randomUUID();
    return { token, bootstrapped: await users.bootstrap(token, true) };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function refusal(host: string): string {
  return [
    `WUTS_HOST is ${host}, where others can reach this server, but its only token is the one that it prints at its first start.`,
    "Start it on 127.0.0.1, make another token with POST /users/{id}/tokens or `wuts token create`, and start it here again;",
    "or set WUTS_BOOTSTRAP_TOKEN before the first start; or set NODE_ENV=production.",
  ].join(" ");
}
