import type { Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { SignalKeyRow, Tables } from "./tables.ts";

/** A key that changed; `value: null` deletes it. */
export interface KeyChange {
  readonly type: string;
  readonly id: string;
  readonly value: string | null;
}

/** One device's identity and keys towards WhatsApp, as JSON text. */
export interface DeviceCredentials {
  read(): Promise<string | undefined>;
  readKeys(type: string, ids: readonly string[]): Promise<{ id: string; value: string }[]>;
  /** Writes both in one transaction: after a crash, either all of it is there or none. */
  write(creds: string, changes: readonly KeyChange[]): Promise<void>;
  wipe(): Promise<void>;
}

export function credentialsIn(database: Database, deviceId: string): DeviceCredentials {
  return {
    async read() {
      const row = await database
        .selectFrom("credentials")
        .select("creds")
        .where("device_id", "=", deviceId)
        .executeTakeFirst();
      return row?.creds;
    },

    readKeys: async (type, ids) =>
      ids.length === 0
        ? []
        : database
            .selectFrom("signal_keys")
            .select(["id", "value"])
            .where("device_id", "=", deviceId)
            .where("type", "=", type)
            .where("id", "in", ids)
            .execute(),

    write: (creds, changes) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("credentials")
          .values({ device_id: deviceId, creds })
          .onConflict((conflict) => conflict.column("device_id").doUpdateSet({ creds }))
          .execute();
        await writeKeys(transaction, deviceId, changes);
      }),

    wipe: () =>
      database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("signal_keys").where("device_id", "=", deviceId).execute();
        await transaction.deleteFrom("credentials").where("device_id", "=", deviceId).execute();
      }),
  };
}

async function writeKeys(transaction: Transaction<Tables>, deviceId: string, changes: readonly KeyChange[]) {
  const rows: SignalKeyRow[] = [];
  for (const { type, id, value } of changes) {
    if (value !== null) {
      rows.push({ device_id: deviceId, type, id, value });
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
          .doUpdateSet((row) => ({ value: row.ref("excluded.value") })),
      )
      .execute();
  }
}

/** The first login stores 812 keys at once; databases bound the parameters of one statement. */
const rowsPerInsert = 200;
