import { type Kysely, sql, type Transaction } from "kysely";
import type { SecretKey } from "../../kernel/secret-key.ts";
import { isPostgres } from "../engine/dialect.ts";
import type { CredentialsRow, IdempotencyKeyRow, SignalKeyRow, Tables } from "../schema/tables.ts";
import { type KeyRing, openSealed, SecretUnreadable } from "./key-ring.ts";
import { type AssociatedData, type Sealed, seal } from "./sealing.ts";

/** The result of a key rotation. */
export interface Rotation {
  /** How many rows were re-encrypted. */
  readonly rows: number;
  /** The key that encrypts now. */
  readonly keyId: string;
  /** The keys that are gone, since nothing is encrypted with them any more. */
  readonly dropped: readonly string[];
  /** How many rows are still under other keys: they cannot be read, or a server keeps writing with such a key. */
  readonly left: number;
}

/**
 * Puts a new key in front, where the ring can, and encrypts everything with the first key that is under another one.
 * A server may run meanwhile. After a crash everything can be read, and another rotation completes it.
 */
export async function rotate(database: Kysely<Tables>, keyRing: KeyRing): Promise<Rotation> {
  await aloneIn(database, async () => keyRing.renew());
  const [key, ...others] = keyRing.keys();
  // Of two rotations at once the later one has the newer key: it encrypts what the earlier one did, not vice versa.
  const otherIds = others.map(({ id }) => id);
  const progress = { tried: 0, done: 0 };
  // A running server may have written with an older key after a pass. The passes are limited, in case it never stops.
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const { tried } = progress;
    await reencrypt(database, keyRing, key, identitiesUnder(database, otherIds), progress);
    await reencrypt(database, keyRing, key, signalKeysUnder(database, otherIds), progress);
    await reencrypt(database, keyRing, key, answersUnder(database, otherIds), progress);
    if (progress.tried === tried) break;
  }
  return aloneIn(database, async (transaction) => {
    const inUse = await rowsByKey(transaction);
    const dropped = keyRing.drop((keyId) => !inUse.has(keyId));
    const left = otherIds.reduce((sum, keyId) => sum + (inUse.get(keyId) ?? 0), 0);
    return { rows: progress.done, keyId: key.id, dropped, left };
  });
}

const maxPasses = 10;

/** The tables that hold sealed values; the column `key_id` says which key opens them. */
export const sealedTables = ["credentials", "signal_keys", "idempotency_keys"] as const;

/**
 * @param tables those that the database has
 * @returns how many rows are encrypted with which key, by the keys' ids
 */
export async function rowsByKey(
  database: Kysely<Tables>,
  tables: readonly (typeof sealedTables)[number][] = sealedTables,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of tables) {
    const rows = await database
      .selectFrom(table)
      .select(["key_id", ({ fn }) => fn.countAll().as("n")])
      .groupBy("key_id")
      .execute();
    for (const { key_id, n } of rows) counts.set(key_id, (counts.get(key_id) ?? 0) + Number(n));
  }
  return counts;
}

/**
 * Runs work in a transaction that locks out all other writers of sealed values. The lock ends with the transaction or the
 * process.
 */
function aloneIn<Result>(
  database: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return database.transaction().execute(async (transaction) => {
    if (isPostgres(transaction))
      await sql`lock table ${sql.join(sealedTables.map((name) => sql.table(name)))} in share row exclusive mode`.execute(
        transaction,
      );
    // In SQLite, the first transaction that writes is the only writer until it ends.
    else await transaction.deleteFrom("credentials").where("device_id", "=", "").execute();
    return work(transaction);
  });
}

/** The rows of a table that are under other keys, in the order of the primary key. */
interface RowsUnderOtherKeys<Row> {
  page(after: Row | undefined): Promise<Row[]>;
  sealed(row: Row): { readonly place: AssociatedData; readonly sealed: Sealed };
  /** Replaces a value unless it has been changed. @returns how many rows that were */
  replace(transaction: Transaction<Tables>, row: Row, by: Sealed): Promise<number>;
}

const pageLength = 200;

/**
 * Re-encrypts a table in one pass, with one transaction for each page. Rows that were changed since they were read stay as they
 * are.
 */
async function reencrypt<Row>(
  database: Kysely<Tables>,
  keyRing: KeyRing,
  key: SecretKey,
  rows: RowsUnderOtherKeys<Row>,
  progress: { tried: number; done: number },
): Promise<void> {
  for (let last: Row | undefined; ; ) {
    const page = await rows.page(last);
    last = page.at(-1);
    if (last === undefined) return;
    await database.transaction().execute(async (transaction) => {
      for (const row of page) {
        const { place, sealed } = rows.sealed(row);
        const text = textOf(keyRing, place, sealed);
        if (text === undefined) continue;
        progress.tried += 1;
        progress.done += await rows.replace(transaction, row, seal(key, place, text));
      }
    });
  }
}

/** @returns `undefined` for what cannot be read: it stays as it is, with the key that it names */
function textOf(keyRing: KeyRing, place: AssociatedData, sealed: Sealed): string | undefined {
  try {
    return openSealed(keyRing, place, sealed);
  } catch (error) {
    if (error instanceof SecretUnreadable) return undefined;
    throw error;
  }
}

function identitiesUnder(
  database: Kysely<Tables>,
  keyIds: readonly string[],
): RowsUnderOtherKeys<CredentialsRow> {
  return {
    page: async (after) =>
      keyIds.length === 0
        ? []
        : database
            .selectFrom("credentials")
            .selectAll()
            .where("key_id", "in", keyIds)
            .where("device_id", ">", after?.device_id ?? "")
            .orderBy("device_id")
            .limit(pageLength)
            .execute(),
    sealed: ({ device_id, creds, key_id }) => ({
      place: ["credentials", device_id],
      sealed: { key_id, text: creds },
    }),
    async replace(transaction, { device_id, creds }, { key_id, text }) {
      const { numUpdatedRows } = await transaction
        .updateTable("credentials")
        .set({ creds: text, key_id })
        .where("device_id", "=", device_id)
        .where("creds", "=", creds)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
  };
}

function signalKeysUnder(
  database: Kysely<Tables>,
  keyIds: readonly string[],
): RowsUnderOtherKeys<SignalKeyRow> {
  return {
    page: async (after) =>
      keyIds.length === 0
        ? []
        : database
            .selectFrom("signal_keys")
            .selectAll()
            .where("key_id", "in", keyIds)
            .where(({ eb, refTuple, tuple }) =>
              eb(
                refTuple("device_id", "type", "id"),
                ">",
                tuple(after?.device_id ?? "", after?.type ?? "", after?.id ?? ""),
              ),
            )
            .orderBy("device_id")
            .orderBy("type")
            .orderBy("id")
            .limit(pageLength)
            .execute(),
    sealed: ({ device_id, type, id, value, key_id }) => ({
      place: ["signal_keys", device_id, type, id],
      sealed: { key_id, text: value },
    }),
    async replace(transaction, { device_id, type, id, value }, { key_id, text }) {
      const { numUpdatedRows } = await transaction
        .updateTable("signal_keys")
        .set({ value: text, key_id })
        .where("device_id", "=", device_id)
        .where("type", "=", type)
        .where("id", "=", id)
        .where("value", "=", value)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
  };
}

function answersUnder(
  database: Kysely<Tables>,
  keyIds: readonly string[],
): RowsUnderOtherKeys<IdempotencyKeyRow> {
  return {
    page: async (after) =>
      keyIds.length === 0
        ? []
        : database
            .selectFrom("idempotency_keys")
            .selectAll()
            .where("key_id", "in", keyIds)
            .where("id", ">", after?.id ?? "")
            .orderBy("id")
            .limit(pageLength)
            .execute(),
    sealed: ({ id, sealed, key_id }) => ({
      place: ["idempotency_keys", id],
      sealed: { key_id, text: sealed },
    }),
    async replace(transaction, { id, sealed }, { key_id, text }) {
      const { numUpdatedRows } = await transaction
        .updateTable("idempotency_keys")
        .set({ sealed: text, key_id })
        .where("id", "=", id)
        .where("sealed", "=", sealed)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
  };
}
