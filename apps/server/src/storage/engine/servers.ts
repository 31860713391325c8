import { type Kysely, sql } from "kysely";
import { SecretKeyError } from "../encryption/key-file.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import type { Tables } from "../schema/tables.ts";
import { databaseNow, isPostgres } from "./dialect.ts";
import type { ServerId } from "./server-id.ts";

/** This server, among those that run on the database. Times are those of the database's clock. */
export interface ServerRow {
  /**
   * Registers this server, and the key that it encrypts with. Servers register one after the other: of two that start at once
   * with different keys, one does not start.
   * @param forMs for how long it counts as running without a renewal, in milliseconds
   * @throws SecretKeyError when another server that runs encrypts with a key that this one does not have
   */
  enter(forMs: number): Promise<void>;
  /** Renews the registration, with the key that the server encrypts with now. */
  stay(forMs: number): Promise<void>;
  leave(): Promise<void>;
}

/** @param serverId of this server; its predecessors do not run any more */
export function serverRepository(
  database: Kysely<Tables>,
  { id, predecessors }: Pick<ServerId, "id" | "predecessors">,
  keyRing: KeyRing,
): ServerRow {
  const now = databaseNow(database);

  const stay = async (connection: Kysely<Tables>, forMs: number) => {
    const key_id = keyRing.keys()[0].id;
    const expires_at = sql<number>`${now} + ${sql.lit(forMs)}`;
    await connection
      .insertInto("servers")
      .values({ id, key_id, expires_at })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ key_id, expires_at }))
      .execute();
  };

  return {
    enter: (forMs) =>
      database.transaction().execute(async (transaction) => {
        if (isPostgres(transaction))
          await sql`lock table servers in share row exclusive mode`.execute(transaction);
        // In SQLite, the first transaction that writes is the only writer until it ends.
        await transaction
          .deleteFrom("servers")
          .where(({ or, eb }) => or([eb("expires_at", "<=", now), eb("id", "in", [id, ...predecessors])]))
          .execute();
        for (const keyId of await keysOfServers(transaction)) {
          if (keyRing.find(keyId)) continue;
          throw new SecretKeyError(
            `Another server that runs on this database encrypts with the key ${keyId}, which is not in ${keyRing.source}: give all of them the same WUTS_SECRET_KEY.`,
          );
        }
        await stay(transaction, forMs);
        await transaction
          .deleteFrom("probes")
          .where("server_id", "not in", (make) => make.selectFrom("servers").select("id"))
          .execute();
      }),
    stay: (forMs) => stay(database, forMs),
    async leave() {
      await database.deleteFrom("servers").where("id", "=", id).execute();
      await database.deleteFrom("probes").where("server_id", "=", id).execute();
    },
  };
}

/** @returns the ids of the keys that the servers that run encrypt with */
export async function keysOfServers(database: Kysely<Tables>): Promise<string[]> {
  const rows = await database
    .selectFrom("servers")
    .select("key_id")
    .distinct()
    .where("expires_at", ">", databaseNow(database))
    .execute();
  return rows.map(({ key_id }) => key_id);
}
