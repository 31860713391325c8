import { type Kysely, sql } from "kysely";
import type { SecretKey } from "../../../kernel/secret-key.ts";
import type { KeyRing } from "../../encryption/key-ring.ts";
import { seal } from "../../encryption/sealing.ts";

/** The two tables as this migration leaves them; until then they have no `key_id`, and the rest is plain text. */
type TablesThen = {
  credentials: { device_id: string; creds: string; key_id: string };
  signal_keys: { device_id: string; type: string; id: string; value: string; key_id: string };
};

/**
 * Encrypts the credentials and Signal keys of a database that has them in plain text, and leaves nothing of it in the
 * file. SQLite's migrations run in no transaction: whatever of this a crash interrupts is done again. PostgreSQL's do, and
 * no version has kept plain text there.
 */
export async function up(db: Kysely<unknown>, keyRing: KeyRing): Promise<void> {
  const database = db.withTables<TablesThen>();
  if (database.isTransaction) return encryptAll(database, keyRing);
  await database.transaction().execute((transaction) => encryptAll(transaction, keyRing));
  await eraseWhatWas(database);
}

async function encryptAll(transaction: Kysely<TablesThen>, keyRing: KeyRing): Promise<void> {
  const tables = await transaction.introspection.getTables();
  for (const table of ["credentials", "signal_keys"] as const) {
    const columns = tables.find(({ name }) => name === table)?.columns ?? [];
    if (columns.some(({ name }) => name === "key_id")) continue;
    await transaction.schema
      .alterTable(table)
      .addColumn("key_id", "text", (column) => column.notNull().defaultTo(plain))
      .execute();
    await transaction.schema.createIndex(`${table}_by_key`).on(table).column("key_id").execute();
  }
  await encryptIdentities(transaction, keyRing);
  await encryptKeys(transaction, keyRing);
}

/** Marks a row that is not yet encrypted. */
const plain = "";
const batch = 500;

async function encryptIdentities(transaction: Kysely<TablesThen>, keyRing: KeyRing): Promise<void> {
  for (;;) {
    const rows = await transaction
      .selectFrom("credentials")
      .selectAll()
      .where("key_id", "=", plain)
      .limit(batch)
      .execute();
    if (rows.length === 0) return;
    const [key] = keyRing.keys();
    for (const { device_id, creds } of rows) {
      const { key_id, text } = seal(key, ["credentials", device_id], creds);
      await transaction
        .updateTable("credentials")
        .set({ creds: text, key_id })
        .where("device_id", "=", device_id)
        .execute();
    }
  }
}

async function encryptKeys(transaction: Kysely<TablesThen>, keyRing: KeyRing): Promise<void> {
  for (;;) {
    const rows = await transaction
      .selectFrom("signal_keys")
      .selectAll()
      .where("key_id", "=", plain)
      .limit(batch)
      .execute();
    if (rows.length === 0) return;
    const [key] = keyRing.keys();
    for (const row of rows) await encryptKey(transaction, key, row);
  }
}

async function encryptKey(
  transaction: Kysely<TablesThen>,
  key: SecretKey,
  { device_id, type, id, value }: TablesThen["signal_keys"],
): Promise<void> {
  const { key_id, text } = seal(key, ["signal_keys", device_id, type, id], value);
  await transaction
    .updateTable("signal_keys")
    .set({ value: text, key_id })
    .where("device_id", "=", device_id)
    .where("type", "=", type)
    .where("id", "=", id)
    .execute();
}

/**
 * Pages that were freed before still hold what was deleted, and the write-ahead log holds pages as they were: the file
 * is written anew, and the log emptied.
 */
async function eraseWhatWas(database: Kysely<TablesThen>): Promise<void> {
  await sql`vacuum`.execute(database);
  const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(database);
  if (rows[0]?.busy !== 0) throw new Error("another program has the database open");
}
