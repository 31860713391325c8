import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { KeysetCursor } from "../../storage/pagination/keyset-cursor.ts";
import type { AuditAction, AuditRow, AuditTarget, Tables } from "../../storage/schema/tables.ts";

/**
 * The author of an action: a user, the holder of the master token, the server itself, or an unknown client that was refused.
 */
export interface Actor {
  readonly kind: AuditRow["actor_kind"];
  /** The id of the user, else `null`. */
  readonly id: string | null;
  /** The user who acts as that user; `null` when it is the user themselves. */
  readonly signedInBy: string | null;
  /** The token of the user that was used. */
  readonly tokenId: string | null;
  /** `null` when no request caused the action. */
  readonly requestId: string | null;
}

/** An action to record. `details` must hold no secret and nothing private: all readers of the audit trail see them. */
export interface NewAuditEntry {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly target: { readonly type: AuditTarget; readonly id: string };
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  /** The user who did it, also when they acted as another user. */
  readonly userId?: string | undefined;
  readonly targetId?: string | undefined;
}

export interface AuditRepository {
  /** Adds an entry; call it in the transaction that does what the entry says. */
  add(entry: NewAuditEntry): Promise<void>;
  /** @returns at most `limit` entries of the tenant, newest first */
  list(tenantId: string, filter: AuditFilter, limit: number, after?: KeysetCursor): Promise<AuditRow[]>;
  /** Removes at most `limit` entries that are older than this. @returns the number of removed entries */
  deleteOlder(than: Date, limit: number): Promise<number>;
}

/** @param database or a transaction on it */
export function auditRepository(database: Kysely<Tables>): AuditRepository {
  return {
    async add({ tenantId, actor, action, target, details = {} }) {
      await database
        .insertInto("audit")
        .values({
          id: randomUUID(),
          tenant_id: tenantId,
          at: new Date().toISOString(),
          actor_kind: actor.kind,
          actor_id: actor.id,
          actor_signed_in_by: actor.signedInBy,
          actor_token_id: actor.tokenId,
          action,
          target_type: target.type,
          target_id: target.id,
          details: JSON.stringify(details),
          request_id: actor.requestId,
        })
        .execute();
    },

    list(tenantId, { userId, targetId }, limit, after) {
      let query = database.selectFrom("audit").selectAll().where("tenant_id", "=", tenantId);
      if (userId !== undefined) {
        query = query.where(({ or, eb }) =>
          or([eb("actor_id", "=", userId), eb("actor_signed_in_by", "=", userId)]),
        );
      }
      if (targetId !== undefined) query = query.where("target_id", "=", targetId);
      if (after)
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("at", "id"), "<", tuple(after.at, after.id)),
        );
      return query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
    },

    async deleteOlder(than, limit) {
      const { numDeletedRows } = await database
        .deleteFrom("audit")
        .where("id", "in", (from) =>
          from
            .selectFrom("audit")
            .select("id")
            .where("at", "<", than.toISOString())
            .orderBy("at")
            .limit(limit),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
