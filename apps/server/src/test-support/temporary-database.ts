import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Database, openDatabase } from "../storage/database.ts";
import { devicesIn } from "../storage/devices.ts";
import { type KeyRing, openKeyRing } from "../storage/key-ring.ts";
import type { DeviceRow } from "../storage/tables.ts";
import { hashOfToken, tokensIn } from "../storage/tokens.ts";
import { usersIn } from "../storage/users.ts";

const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";

/** A new database on disk that is gone after the test. */
export async function temporaryDatabase(
  test: TestContext,
): Promise<{ database: Database; keyRing: KeyRing; dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), "wuts-test-"));
  const keyRing = openKeyRing(dataDir);
  const database = await openDatabase(dataDir, keyRing);
  test.after(async () => {
    await database.destroy();
    await rm(dataDir, { recursive: true, force: true });
  });
  return { database, keyRing, dataDir };
}

/** A database with its first user and one device of theirs. */
export async function databaseWithDevice(
  test: TestContext,
): Promise<{ database: Database; keyRing: KeyRing; dataDir: string; userId: string; device: DeviceRow }> {
  const { database, keyRing, dataDir } = await temporaryDatabase(test);
  await usersIn(database).bootstrap(token);
  const userId = (await tokensIn(database).find(hashOfToken(token), new Date()))?.holder.userId ?? "";
  return { database, keyRing, dataDir, userId, device: await devicesIn(database).create(userId, "Device") };
}
