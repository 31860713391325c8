import type { Config } from "../config/config.ts";
import { type Rotation, rotate } from "../storage/encryption/rotation.ts";
import { withDatabase } from "./with-database.ts";

export type { Rotation } from "../storage/encryption/rotation.ts";

/**
 * Encrypts all stored credentials anew: with a new key where the keys are in the file `secret.key`, else with the first
 * key of `WUTS_SECRET_KEY`. Servers may run on the database meanwhile; those with `WUTS_SECRET_KEY` must have that key
 * already. It may be stopped at any moment, and done again.
 * @throws ConfigError when there is no database, SecretKeyError when a key is missing
 */
export function rotateSecrets(config: Config): Promise<Rotation> {
  return withDatabase(config, rotate);
}
