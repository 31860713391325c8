import { type Kysely, sql, type Transaction } from "kysely";
import { type KeyRing, openSealed } from "../encryption/key-ring.ts";
import { seal } from "../encryption/sealing.ts";
import { databaseNow, isPostgres } from "../engine/dialect.ts";
import type { IdempotencyKeyRow, Tables } from "../schema/tables.ts";

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest {
  /** SHA-256 of owner and key, hex. */
  readonly id: string;
  /** The id of a user, or `master`. */
  readonly owner: string;
  /** The token that it was sent with; `null`: the master token. */
  readonly tokenId: string | null;
  /** Of method, path, query and body. */
  readonly digest: string;
  /** Fencing token, a UUID of this one attempt. */
  readonly attemptId: string;
}

/** A response as it is kept. */
export interface KeptResponse {
  readonly status: number;
  /** The body, JSON. */
  readonly body: string;
}

/**
 * The outcome of a reservation: the key belongs to this attempt now; another attempt is under way; the key is that of another
 * request; the kept response of the same request; or the token is gone.
 */
export type Reserved = "reserved" | "in_use" | "reused" | "no_token" | KeptResponse;

/**
 * The keys of requests, as all servers on the database see them. A key is held by an attempt of one run of a server; when that
 * run does not count as running any more, the next attempt takes the key over.
 */
export interface IdempotencyKeyRepository {
  /** Takes the key for an attempt, unless it is held or has a kept response. */
  reserve(request: KeyedRequest, now: Date): Promise<Reserved>;
  /**
   * Keeps the response of an attempt; call it in the transaction of the effect.
   * @param tenantId a tenant that the request has made
   * @returns whether the key still was this attempt's; if not, the transaction must not be committed
   */
  keep(
    transaction: Kysely<Tables>,
    request: KeyedRequest,
    response: KeptResponse,
    until: Date,
    tenantId?: string,
  ): Promise<boolean>;
  /** Frees the key of an attempt without a kept response. */
  release(request: Pick<KeyedRequest, "id" | "attemptId">): Promise<void>;
  /** Frees at most `limit` keys that this server holds for none of these attempts. @returns how many */
  releaseOthers(attemptIds: readonly string[], limit: number): Promise<number>;
  /** Removes at most `limit` responses that are kept no longer. @returns how many */
  deleteExpired(now: Date, limit: number): Promise<number>;
}

/** The number of responses kept of each owner; the oldest go. */
export const mostKept = 1_000;

/**
 * @param serverId of this run of the server
 * @param isUnderWay whether an attempt of this server still runs
 */
export function idempotencyKeyRepository(
  database: Kysely<Tables>,
  keyRing: KeyRing,
  serverId: string,
  isUnderWay: (attemptId: string) => boolean,
): IdempotencyKeyRepository {
  /** In PostgreSQL, deleting many rows passes over those that other transactions have locked: none waits for the other. */
  const passing = isPostgres(database);

  const sealed = (id: string, content: SealedContent) => {
    const { key_id, text } = seal(keyRing.keys()[0], ["idempotency_keys", id], JSON.stringify(content));
    return { sealed: text, key_id };
  };

  const isHeld = async (transaction: Kysely<Tables>, row: IdempotencyKeyRow) => {
    if (row.server_id === serverId) return isUnderWay(row.attempt_id);
    const holder = await transaction
      .selectFrom("servers")
      .select("id")
      .where("id", "=", row.server_id)
      .where("expires_at", ">", databaseNow(transaction))
      .executeTakeFirst();
    return holder !== undefined;
  };

  const takeOver = async (
    transaction: Transaction<Tables>,
    { id, tokenId, digest, attemptId }: KeyedRequest,
    from: IdempotencyKeyRow,
  ): Promise<"reserved" | "in_use"> => {
    const { numUpdatedRows } = await transaction
      .updateTable("idempotency_keys")
      .set({
        token_id: tokenId,
        tenant_id: null,
        server_id: serverId,
        attempt_id: attemptId,
        kept_until: null,
        ...sealed(id, { digest }),
      })
      .where("id", "=", id)
      .where("attempt_id", "=", from.attempt_id)
      .where("kept_until", from.kept_until === null ? "is" : "=", from.kept_until)
      .executeTakeFirstOrThrow();
    // Another attempt was faster.
    return numUpdatedRows > 0n ? "reserved" : "in_use";
  };

  return {
    reserve: (request, now) =>
      database.transaction().execute(async (transaction) => {
        const { id, owner, tokenId, digest, attemptId } = request;
        // The first statement writes: of two servers on SQLite, one waits for the other then, and reads what that has written.
        const isNew = await insert(transaction, request, {
          server_id: serverId,
          attempt_id: attemptId,
          ...sealed(id, { digest }),
        });
        if (isNew) {
          await deleteSurplus(transaction, owner);
          return "reserved";
        }
        if (!(await hasToken(transaction, tokenId))) return "no_token";
        const row = await transaction
          .selectFrom("idempotency_keys")
          .selectAll()
          .where("id", "=", id)
          .executeTakeFirst();
        // It was freed in between: the next attempt gets it.
        if (!row) return "in_use";
        const content = open(keyRing, row);
        const isExpired = row.kept_until !== null && row.kept_until <= now.toISOString();
        if (isExpired || (row.kept_until === null && !(await isHeld(transaction, row))))
          return takeOver(transaction, request, row);
        if (content.digest !== digest) return "reused";
        return content.response ?? "in_use";
      }),

    async keep(transaction, { id, attemptId, digest }, response, until, tenantId) {
      const { numUpdatedRows } = await transaction
        .updateTable("idempotency_keys")
        .set({
          kept_until: until.toISOString(),
          ...(tenantId !== undefined && { tenant_id: tenantId }),
          ...sealed(id, { digest, response }),
        })
        .where("id", "=", id)
        .where("attempt_id", "=", attemptId)
        .where("kept_until", "is", null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async release({ id, attemptId }) {
      await database
        .deleteFrom("idempotency_keys")
        .where("id", "=", id)
        .where("attempt_id", "=", attemptId)
        .where("kept_until", "is", null)
        .execute();
    },

    async releaseOthers(attemptIds, limit) {
      const { numDeletedRows } = await database
        .deleteFrom("idempotency_keys")
        .where("id", "in", (from) =>
          from
            .selectFrom("idempotency_keys")
            .select("id")
            .where("kept_until", "is", null)
            .where("server_id", "=", serverId)
            .where("attempt_id", "not in", attemptIds)
            .limit(limit)
            .$if(passing, (query) => query.forUpdate().skipLocked()),
        )
        .where("kept_until", "is", null)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },

    async deleteExpired(now, limit) {
      const { numDeletedRows } = await database
        .deleteFrom("idempotency_keys")
        .where("id", "in", (from) =>
          from
            .selectFrom("idempotency_keys")
            .select("id")
            .where("kept_until", "<=", now.toISOString())
            .orderBy("kept_until")
            .limit(limit)
            .$if(passing, (query) => query.forUpdate().skipLocked()),
        )
        .where("kept_until", "<=", now.toISOString())
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

/** Lets the kept responses of a token go on with another one, which takes its place. */
export async function moveKeptResponses(
  transaction: Kysely<Tables>,
  tokenId: string,
  successorId: string,
): Promise<void> {
  await transaction
    .updateTable("idempotency_keys")
    .set({ token_id: successorId })
    .where("token_id", "=", tokenId)
    .execute();
}

/** Forgets the kept responses of a user, who may not see all of them any more. */
export async function deleteKeptResponses(transaction: Kysely<Tables>, userId: string): Promise<void> {
  await transaction
    .deleteFrom("idempotency_keys")
    .where("owner", "=", userId)
    .where("kept_until", "is not", null)
    .execute();
}

interface SealedContent {
  readonly digest: string;
  /** Missing while the request is under way. */
  readonly response?: KeptResponse;
}

function open(keyRing: KeyRing, { id, sealed, key_id }: IdempotencyKeyRow): SealedContent {
  // It is authenticated: nothing but this file has written it.
  const content: SealedContent = JSON.parse(
    openSealed(keyRing, ["idempotency_keys", id], { key_id, text: sealed }),
  );
  return content;
}

/** @returns whether the row was inserted: it is not when there is one, or when the token is gone */
async function insert(
  transaction: Transaction<Tables>,
  { id, owner, tokenId }: KeyedRequest,
  holding: Pick<IdempotencyKeyRow, "server_id" | "attempt_id" | "sealed" | "key_id">,
): Promise<boolean> {
  const row = { id, owner, token_id: tokenId, tenant_id: null, kept_until: null, ...holding };
  // Its token is locked first: one that is being deleted is waited for, and not found then.
  if (isPostgres(transaction) && !(await hasToken(transaction, tokenId))) return false;
  const insertion = transaction.insertInto("idempotency_keys");
  const { numInsertedOrUpdatedRows } = await (tokenId === null || isPostgres(transaction)
    ? insertion.values(row)
    : insertion.columns(columns).expression((make) =>
        make
          .selectFrom("tokens")
          .select(columns.map((column) => sql.val(row[column]).as(column)))
          .where("id", "=", tokenId),
      )
  )
    .onConflict((conflict) => conflict.column("id").doNothing())
    .executeTakeFirstOrThrow();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

const columns = [
  "id",
  "owner",
  "token_id",
  "tenant_id",
  "server_id",
  "attempt_id",
  "sealed",
  "key_id",
  "kept_until",
] as const;

/** @returns whether the token is there, and stays until the transaction ends */
async function hasToken(transaction: Transaction<Tables>, tokenId: string | null): Promise<boolean> {
  if (tokenId === null) return true;
  const token = await transaction
    .selectFrom("tokens")
    .select("id")
    .where("id", "=", tokenId)
    .$if(isPostgres(transaction), (query) => query.forKeyShare())
    .executeTakeFirst();
  return token !== undefined;
}

async function deleteSurplus(transaction: Transaction<Tables>, owner: string): Promise<void> {
  await transaction
    .deleteFrom("idempotency_keys")
    .where("id", "in", (from) =>
      from
        .selectFrom("idempotency_keys")
        .select("id")
        .where("owner", "=", owner)
        .where("kept_until", "is not", null)
        .orderBy("kept_until", "desc")
        .limit(surplusAtOnce)
        .offset(mostKept - 1)
        .$if(isPostgres(transaction), (query) => query.forUpdate().skipLocked()),
    )
    .execute();
}

/** More than one goes only where the number was lowered, or several servers were at it. */
const surplusAtOnce = 100;
