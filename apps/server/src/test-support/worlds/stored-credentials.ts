import { openKeyRing, openSealed } from "../../storage/encryption/key-ring.ts";
import type { AssociatedData } from "../../storage/encryption/sealing.ts";
import { textAt } from "../call.ts";
import { sqliteIn, type TestDatabase } from "../databases/test-database.ts";

/** What a data folder keeps of a device's identity, decrypted. */
export interface StoredIdentity {
  readonly deviceId: string;
  readonly json: string;
}

export interface StoredKey extends StoredIdentity {
  readonly type: string;
  readonly id: string;
}

/**
 * Reads and decrypts all credentials and Signal keys, behind the server's back.
 * @param dataDir where the key is
 */
export async function storedCredentials(
  dataDir: string,
  database: TestDatabase = sqliteIn(dataDir),
): Promise<{ identities: StoredIdentity[]; keys: StoredKey[] }> {
  const keyRing = openKeyRing(dataDir);
  const open = (place: AssociatedData, row: unknown) =>
    openSealed(keyRing, place, { key_id: textAt(row, "key_id"), text: textAt(row, "text") });
  const identities = await database.rows("select device_id, creds as text, key_id from credentials");
  const keys = await database.rows("select device_id, type, id, value as text, key_id from signal_keys");
  return {
    identities: identities.map((row) => {
      const deviceId = textAt(row, "device_id");
      return { deviceId, json: open(["credentials", deviceId], row) };
    }),
    keys: keys.map((row) => {
      const [deviceId, type, id] = [textAt(row, "device_id"), textAt(row, "type"), textAt(row, "id")];
      return { deviceId, type, id, json: open(["signal_keys", deviceId, type, id], row) };
    }),
  };
}
