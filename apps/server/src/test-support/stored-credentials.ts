import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openKeyRing, openSealed } from "../storage/key-ring.ts";
import type { Place } from "../storage/secret-key.ts";
import { textAt } from "./call.ts";

/** What a data folder keeps of a device's identity, decrypted. */
export interface StoredIdentity {
  readonly deviceId: string;
  readonly json: string;
}

export interface StoredKey extends StoredIdentity {
  readonly type: string;
  readonly id: string;
}

/** Reads and decrypts all credentials and Signal keys of a data folder, behind the server's back. */
export function storedCredentials(dataDir: string): { identities: StoredIdentity[]; keys: StoredKey[] } {
  const keyRing = openKeyRing(dataDir);
  const database = new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
  const open = (place: Place, row: unknown) =>
    openSealed(keyRing, place, { key_id: textAt(row, "key_id"), text: textAt(row, "text") });
  try {
    const identities = database.prepare("select device_id, creds as text, key_id from credentials").all();
    const keys = database.prepare("select device_id, type, id, value as text, key_id from signal_keys").all();
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
  } finally {
    database.close();
  }
}
