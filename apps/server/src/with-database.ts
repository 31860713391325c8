import { existsSync } from "node:fs";
import { type Config, ConfigError } from "./config.ts";
import { type Database, databasePath, openDatabase } from "./storage/database.ts";
import { type KeyRing, openKeyRing } from "./storage/key-ring.ts";

/**
 * Works on the database of these settings, brought up to date. It has to be there; servers may run on it meanwhile.
 * @throws ConfigError when there is no database, SecretKeyError when a key is missing
 */
export async function withDatabase<Result>(
  { dataDir, secretKeys }: Config,
  work: (database: Database, keyRing: KeyRing) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(databasePath(dataDir))) throw new ConfigError("WUTS_DATA_DIR holds no database.");
  const keyRing = openKeyRing(dataDir, secretKeys);
  const database = await openDatabase(dataDir, keyRing);
  try {
    return await work(database, keyRing);
  } finally {
    await database.destroy();
  }
}
