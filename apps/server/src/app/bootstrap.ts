import { randomUUID } from "node:crypto";
import { hasUnprintedToken } from "../accounts/repositories/printed-tokens.repository.ts";
import { userRepository } from "../accounts/repositories/users.repository.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { isLoopbackAddress } from "../kernel/loopback.ts";
import type { Database } from "../storage/engine/database.ts";

export interface FirstAdmin {
  /** The token of the admin that was just created: the configured token, or a new one to print. */
  readonly token: string | undefined;
  /** Whether the token is new and must be printed. */
  readonly isToBeShown: boolean;
  /** The admin's id, as long as no token exists: the operator has to create one with `wuts token create`. */
  readonly idWithoutToken: string | undefined;
}

/**
 * Creates the first tenant and its admin in a database without users.
 *
 * A token that the server creates itself is printed, and other people may read it later, in a scroll-back or in the log of a
 * terminal. So a server whose only token was printed must not be reachable from other machines, unless the operator says that
 * this is intended. The check comes before the token is created; otherwise a refused start would create a token that is never
 * printed. In production the server creates no token: Docker or the journal would keep it.
 * @throws ConfigError when other machines could reach it
 */
export async function bootstrap(config: Config, database: Database): Promise<FirstAdmin> {
  const users = userRepository(database);
  const { bootstrapToken: given } = config;
  const made =
    given !== undefined ? await users.bootstrap(given) : config.production && (await users.bootstrap());
  const idWithoutToken = (await users.adminWhileNoTokenExists())?.id;
  const isSafe =
    config.production ||
    isLoopbackAddress(config.host) ||
    idWithoutToken !== undefined ||
    (await hasUnprintedToken(database, given));
  if (!isSafe) throw new ConfigError(refusal(config.host));
  const isToBeShown = given === undefined && !config.production;
  if (!isToBeShown) return { token: made ? given : undefined, isToBeShown, idWithoutToken };
  const token = randomUUID();
  const isNew = await users.bootstrap(token, true);
  return { token: isNew ? token : undefined, isToBeShown: isNew, idWithoutToken };
}

function refusal(host: string): string {
  return [
    `WUTS_HOST is ${host}, where others can reach this server, but its only token is the one that it prints at its first start.`,
    "Start it on 127.0.0.1, make another token with POST /users/{id}/tokens or `wuts token create`, and start it here again;",
    "or set WUTS_BOOTSTRAP_TOKEN before the first start; or set NODE_ENV=production.",
  ].join(" ");
}
