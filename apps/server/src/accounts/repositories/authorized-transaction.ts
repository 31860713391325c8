import type { Kysely, Transaction } from "kysely";
import type { Caller, MasterCaller } from "../../kernel/caller.ts";
import { Failure } from "../../kernel/failures.ts";
import type { Tables } from "../../storage/schema/tables.ts";
import { type Actor, auditRepository, type NewAuditEntry } from "./audit.repository.ts";
import { tenantRepository } from "./tenants.repository.ts";
import { tokenRepository } from "./tokens.repository.ts";

/** A transaction in which a caller changes something of their tenant. */
export interface AuthorizedTransaction {
  readonly transaction: Transaction<Tables>;
  /** The caller as they are now: their role may have changed since the request was let in. */
  readonly caller: Caller;
  /** When the caller's token stops working; `undefined`: never. */
  readonly until: Date | undefined;
  readonly record: AuditWriter;
}

/** Records a caller's action in the audit trail, if the transaction is committed. */
export type AuditWriter = (entry: Pick<NewAuditEntry, "action" | "target" | "details">) => Promise<void>;

/** @returns a writer that records a caller's actions in this tenant */
export function auditWriter(
  transaction: Transaction<Tables>,
  tenantId: string,
  caller: Caller | MasterCaller,
): AuditWriter {
  const { kind, requestId } = caller;
  const isUser = caller.kind === "user";
  const actor: Actor = {
    kind,
    id: isUser ? caller.userId : null,
    signedInBy: isUser ? caller.signedInBy : null,
    tokenId: isUser ? caller.tokenId : null,
    requestId,
  };
  return (entry) => auditRepository(transaction).add({ tenantId, actor, ...entry });
}

/**
 * Runs a caller's change in one transaction. It locks the accounts of the tenant, so no other change to them runs meanwhile,
 * and checks that the caller's token still works: it may have been revoked while the request was under way.
 * @throws Failure Unauthorized
 */
export function withAuthorizedTransaction<Result>(
  database: Kysely<Tables>,
  caller: Caller,
  work: (change: AuthorizedTransaction) => Promise<Result>,
): Promise<Result> {
  return database.transaction().execute(async (transaction) => {
    await tenantRepository(transaction).lock(caller.tenantId);
    const known = await tokenRepository(transaction).findAgain(caller.tokenId, new Date());
    if (!known) throw new Failure("Unauthorized");
    return work({
      transaction,
      caller: { ...caller, role: known.holder.role },
      until: known.expiresAt,
      record: auditWriter(transaction, caller.tenantId, caller),
    });
  });
}
