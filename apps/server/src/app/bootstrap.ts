import { randomUUID } from "node:crypto";
import { hasUnprintedToken } from "../accounts/repositories/printed-tokens.repository.ts";
import { userRepository } from "../accounts/repositories/users.repository.ts";
import { type Config, ConfigError } from "../config/config.ts";
import { isLoopbackAddress } from "../kernel/loopback.ts";
import type { Database } from "../storage/engine/database.ts";

export interface FirstAdmin {
  /** The token of the admin that was made now: the one that was given, or one that is to be shown. */
  readonly token: string | undefined;
  /** Whether nobody has seen that token yet. */
  readonly isToBeShown: boolean;
  /** Who it is, as long as nobody has a token: one has to be made with `wuts token create`. */
  readonly idWithoutToken: string | undefined;
}

/**
 * Makes the first tenant and its admin in a database that has nobody. A token that the server makes itself is printed, and
 * may be read by others then, in a scroll-back or in the log of a terminal. So a server that has no other one must not be
 * reached from elsewhere, unless whoever runs it says that it is meant so. It makes none before that is settled, or nobody
 * would ever see it. In production it makes none at all: what is printed there is kept, by Docker or by the journal.
 * @throws ConfigError when others could reach it
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
