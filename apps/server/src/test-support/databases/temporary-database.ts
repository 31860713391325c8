import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { hashOfToken, tokenRepository } from "../../accounts/repositories/tokens.repository.ts";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { type KeyRing, openKeyRing } from "../../storage/encryption/key-ring.ts";
import { type Database, type DatabaseLocation, openDatabase } from "../../storage/engine/database.ts";
import type { DeviceRow } from "../../storage/schema/tables.ts";
import { makeTestDatabase, type TestDatabase } from "./test-database.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";

export interface TemporaryDatabase {
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly dataDir: string;
  readonly place: DatabaseLocation;
}

/**
 * A new database that is gone after the test.
 * @param make `sqliteIn` for tests about SQLite; what all tests use unless told otherwise
 */
export async function temporaryDatabase(
  test: TestContext,
  make: (dataDir: string) => TestDatabase | Promise<TestDatabase> = makeTestDatabase,
): Promise<TemporaryDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "wuts-test-"));
  const keyRing = openKeyRing(dataDir);
  const { place, remove } = await make(dataDir);
  const database = await openDatabase(place, keyRing);
  test.onTestFinished(async () => {
    await database.destroy();
    await remove();
    await rm(dataDir, { recursive: true, force: true });
  });
  return { database, keyRing, dataDir, place };
}

/** As `temporaryDatabase`, with its first user and one device of theirs. */
export async function databaseWithDevice(
  test: TestContext,
  make?: Parameters<typeof temporaryDatabase>[1],
): Promise<TemporaryDatabase & { readonly userId: string; readonly device: DeviceRow }> {
  const made = await temporaryDatabase(test, make);
  const { database } = made;
  await userRepository(database).bootstrap(token);
  const userId = (await tokenRepository(database).find(hashOfToken(token), new Date()))?.holder.userId ?? "";
  return { ...made, userId, device: await deviceRepository(database).create(userId, "Device") };
}
