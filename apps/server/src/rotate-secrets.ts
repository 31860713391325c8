import { existsSync } from "node:fs";
import { type Config, ConfigError } from "./config.ts";
import { databasePath, openDatabase } from "./storage/database.ts";
import { openKeyRing } from "./storage/key-ring.ts";
import { type Rotation, rotate } from "./storage/rotation.ts";

export type { Rotation } from "./storage/rotation.ts";

/**
 * Encrypts all stored credentials anew: with a new key where the keys are in the file `secret.key`, else with the first
 * key of `WUTS_SECRET_KEY`. Servers may run on the database meanwhile; those with `WUTS_SECRET_KEY` must have that key
 * already. It may be stopped at any moment, and done again.
 * @throws ConfigError when there is no database, SecretKeyError when a key is missing
 */
export async function rotateSecrets(config: Config): Promise<Rotation> {
  if (!existsSync(databasePath(config.dataDir))) throw new ConfigError("WUTS_DATA_DIR holds no database.");
  const keyRing = openKeyRing(config.dataDir, config.secretKeys);
  const database = await openDatabase(config.dataDir, keyRing);
  try {
    return await rotate(database, keyRing);
  } finally {
    await database.destroy();
  }
}
