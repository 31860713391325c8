import { type Config, ConfigError } from "../config/config.ts";
import { type KeyRing, openKeyRing } from "../storage/encryption/key-ring.ts";
import { type Database, openDatabase } from "../storage/engine/database.ts";
import { isDatabaseThere } from "../storage/engine/inspection.ts";

/**
 * Runs work on the database of these settings, after migrations. The database must exist; servers may run on it meanwhile.
 * @throws ConfigError when there is no database, SecretKeyError when a key is missing
 */
export async function withDatabase<Result>(
  config: Config,
  work: (database: Database, keyRing: KeyRing) => Promise<Result>,
): Promise<Result> {
  if (!(await isDatabaseThere(config))) {
    const setting = config.databaseUrl === undefined ? "WUTS_DATA_DIR" : "DATABASE_URL";
    throw new ConfigError(`${setting} holds no database.`);
  }
  const keyRing = openKeyRing(config.dataDir, config.secretKeys);
  const database = await openDatabase(config, keyRing);
  try {
    return await work(database, keyRing);
  } finally {
    await database.destroy();
  }
}
