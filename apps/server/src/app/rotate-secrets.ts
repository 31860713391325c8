import type { Config } from "../config/config.ts";
import { type Rotation, rotate } from "../storage/encryption/rotation.ts";
import { withDatabase } from "./with-database.ts";

export type { Rotation } from "../storage/encryption/rotation.ts";

/**
 * Re-encrypts all stored credentials: with a new key where the keys are in the file `secret.key`, else with the first key of
 * `WUTS_SECRET_KEY`. Servers may run on the database meanwhile; those with `WUTS_SECRET_KEY` must have that key already. The
 * rotation may be stopped at any moment, and repeated.
 * @throws ConfigError when there is no database, SecretKeyError when a key is missing
 */
export function rotateSecrets(config: Config): Promise<Rotation> {
  return withDatabase(config, rotate);
}
