import type { Transaction } from "kysely";
import type { SecretKey } from "../../kernel/secret-key.ts";
import { type KeyRing, openSealed, SecretUnreadable } from "../../storage/encryption/key-ring.ts";
import { type AssociatedData, type Sealed, seal } from "../../storage/encryption/sealing.ts";
import type { Database } from "../../storage/engine/database.ts";
import { holdLease, type Lease } from "../../storage/leasing/leases.repository.ts";
import type { SignalKeyRow, Tables } from "../../storage/schema/tables.ts";

/** A key that changed; `value: null` deletes it. */
export interface KeyChange {
  readonly type: string;
  readonly id: string;
  readonly value: string | null;
}

/** One device's identity and keys towards WhatsApp, as JSON text. In the database they are encrypted. */
export interface DeviceCredentials {
  /** @throws SecretUnreadable */
  read(): Promise<string | undefined>;
  /** @throws SecretUnreadable when one of them cannot be read */
  readKeys(type: string, ids: readonly string[]): Promise<{ id: string; value: string }[]>;
  /** Writes both in one transaction: after a crash, either all of it is there or none. @throws LeaseLost */
  write(creds: string, changes: readonly KeyChange[]): Promise<void>;
  /** @throws LeaseLost */
  wipe(): Promise<void>;
}

export interface CredentialsOptions {
  /** The lease under which all writes must happen; without it, writes need no lease. */
  readonly lease?: Lease;
  /** Is called for every stored value that cannot be read; the caller that reads the value gets the error as well. */
  readonly onUnreadable?: (error: SecretUnreadable) => void;
}

export function credentialRepository(
  database: Database,
  keyRing: KeyRing,
  deviceId: string,
  { lease, onUnreadable }: CredentialsOptions = {},
): DeviceCredentials {
  const open = (place: AssociatedData, sealed: Sealed): string => {
    try {
      return openSealed(keyRing, place, sealed);
    } catch (error) {
      if (error instanceof SecretUnreadable) onUnreadable?.(error);
      throw error;
    }
  };
  return {
    async read() {
      const row = await database
        .selectFrom("credentials")
        .select(["creds as text", "key_id"])
        .where("device_id", "=", deviceId)
        .executeTakeFirst();
      return row && open(["credentials", deviceId], row);
    },

    async readKeys(type, ids) {
      if (ids.length === 0) return [];
      const rows = await database
        .selectFrom("signal_keys")
        .select(["id", "value as text", "key_id"])
        .where("device_id", "=", deviceId)
        .where("type", "=", type)
        .where("id", "in", ids)
        .execute();
      return rows.map((row) => ({ id: row.id, value: open(["signal_keys", deviceId, type, row.id], row) }));
    },

    write: (creds, changes) =>
      database.transaction().execute(async (transaction) => {
        if (lease) await holdLease(transaction, lease);
        const [key] = keyRing.keys();
        const { key_id, text } = seal(key, ["credentials", deviceId], creds);
        await transaction
          .insertInto("credentials")
          .values({ device_id: deviceId, creds: text, key_id })
          .onConflict((conflict) => conflict.column("device_id").doUpdateSet({ creds: text, key_id }))
          .execute();
        await writeKeys(transaction, key, deviceId, changes);
      }),

    wipe: () =>
      database.transaction().execute(async (transaction) => {
        if (lease) await holdLease(transaction, lease);
        // In the order in which they are written: neither waits for the other then while it is waited for.
        await transaction.deleteFrom("credentials").where("device_id", "=", deviceId).execute();
        await transaction.deleteFrom("signal_keys").where("device_id", "=", deviceId).execute();
      }),
  };
}

async function writeKeys(
  transaction: Transaction<Tables>,
  key: SecretKey,
  deviceId: string,
  changes: readonly KeyChange[],
) {
  const rows: SignalKeyRow[] = [];
  for (const { type, id, value } of changes) {
    if (value !== null) {
      const { key_id, text } = seal(key, ["signal_keys", deviceId, type, id], value);
      rows.push({ device_id: deviceId, type, id, value: text, key_id });
      continue;
    }
    await transaction
      .deleteFrom("signal_keys")
      .where("device_id", "=", deviceId)
      .where("type", "=", type)
      .where("id", "=", id)
      .execute();
  }
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await transaction
      .insertInto("signal_keys")
      .values(rows.slice(start, start + rowsPerInsert))
      .onConflict((conflict) =>
        conflict
          .columns(["device_id", "type", "id"])
          .doUpdateSet((row) => ({ value: row.ref("excluded.value"), key_id: row.ref("excluded.key_id") })),
      )
      .execute();
  }
}

/** The first login stores 812 keys at once; databases bound the parameters of one statement. */
const rowsPerInsert = 200;
