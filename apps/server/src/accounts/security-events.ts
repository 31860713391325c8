import type { ErrorCode } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { workSoFar } from "../kernel/concurrency/work-so-far.ts";
import type { RefusedHolder } from "../kernel/failures.ts";
import type { Database } from "../storage/engine/database.ts";
import { BoundedReports, type BoundedReportsOptions } from "./bounded-reports.ts";
import { auditRepository, type NewAuditEntry } from "./repositories/audit.repository.ts";

/**
 * A refused request, for the operator's security monitoring: without a token, with a token that does not work, a sign-in, or an
 * operation that the caller's role does not allow.
 */
export type SecurityEventName = "token.missing" | "token.refused" | "sign_in.refused" | "access.denied";

export interface SecurityEvent {
  readonly name: SecurityEventName;
  /** The client, in the log's field names. */
  readonly who: {
    readonly tenant_id?: string;
    readonly user_id?: string;
    readonly token_id?: string;
    readonly signed_in_by?: string;
    readonly address?: string;
  };
  readonly operation: string | undefined;
  readonly errorCode: ErrorCode | undefined;
  readonly requestId: string;
  /** The user whose token or code no longer works. */
  readonly refused: RefusedHolder | undefined;
}

export interface SecurityEventsOptions {
  /** The limit for each tenant and event name; further events are only counted. */
  readonly log?: BoundedReportsOptions;
  readonly audit?: BoundedReportsOptions;
}

/** Writes security events to the log and to the audit trail of the tenant that they concern; both a bounded number. */
export class SecurityEvents {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #inLog: BoundedReports;
  readonly #inAudit: BoundedReports;
  readonly #writing = new Mutex();
  #waiting = 0;

  constructor(
    database: Database,
    log: Logger,
    { log: ofLog = usualInLog, audit: ofAudit = usualInAudit }: SecurityEventsOptions = {},
  ) {
    this.#database = database;
    this.#log = log;
    this.#inLog = new BoundedReports(ofLog, ({ group, kind, leftOut }) => {
      const tenant = group === noTenant ? {} : { tenant_id: group };
      this.#log.warn({ event, name: kind, ...tenant, left_out: leftOut }, "more was refused");
    });
    this.#inAudit = new BoundedReports(ofAudit, ({ group, kind, leftOut }) => {
      const action = auditedAs(kind);
      if (!action) return;
      const target = { type: "tenant", id: group } as const;
      this.#write({
        tenantId: group,
        actor: unknownUser(null),
        action,
        target,
        details: { left_out: leftOut },
      });
    });
  }

  /** Costs the request that it is about nothing: what is stored is stored later. */
  report(reported: SecurityEvent): void {
    const { name, who, operation, errorCode, requestId, refused } = reported;
    const tenantId = who.tenant_id ?? refused?.tenantId;
    if (this.#inLog.take(tenantId ?? noTenant, name)) {
      const concerned = refused && {
        tenant_id: refused.tenantId,
        user_id: refused.userId,
        token_id: refused.tokenId,
        reason: refused.reason,
      };
      const what = { operation: operation ?? null, error_code: errorCode, request_id: requestId };
      this.#log.warn({ event, name, ...what, ...concerned, ...who }, "refused");
    }
    const entry = entryOf(reported);
    if (!entry) return;
    if (this.#waiting >= mostWaiting) this.#inAudit.leaveOut(entry.tenantId, name);
    else if (this.#inAudit.take(entry.tenantId, name)) this.#write(entry);
  }

  /** Reports the counts of events left out so far, and waits until all pending entries are stored. */
  async stop(): Promise<void> {
    this.#inLog.stop();
    this.#inAudit.stop();
    await workSoFar(this.#writing);
  }

  /** Stores entries one after the other (mutex), so that they use at most one database connection together. */
  #write(entry: NewAuditEntry): void {
    this.#waiting += 1;
    void this.#writing.runExclusive(async () => {
      try {
        await auditRepository(this.#database).add(entry);
      } catch (error) {
        const about = { err: error, tenant_id: entry.tenantId, action: entry.action };
        this.#log.error(about, "a security event could not be stored in the audit trail");
      } finally {
        this.#waiting -= 1;
      }
    });
  }
}

/** The marker that distinguishes these log lines from all others. */
const event = "security";

const noTenant = "";

/** An attack is seen in a few lines; more of them only fill the disk. */
const usualInLog: BoundedReportsOptions = { most: 20, windowMs: 60_000 };

/** The trail is kept for months. */
const usualInAudit: BoundedReportsOptions = { most: 20, windowMs: 600_000 };

/** The number of entries of all tenants that may wait to be stored. */
const mostWaiting = 500;

const unknownUser = (requestId: string | null) =>
  ({ kind: "unknown", id: null, signedInBy: null, tokenId: null, requestId }) as const;

function auditedAs(name: string): "token.refused" | "sign_in.refused" | "access.denied" | undefined {
  return name === "token.refused" || name === "sign_in.refused" || name === "access.denied"
    ? name
    : undefined;
}

/** @returns what the audit trail of the tenant that is concerned says of it; `undefined` where none is */
function entryOf({ name, who, operation, requestId, refused }: SecurityEvent): NewAuditEntry | undefined {
  const action = auditedAs(name);
  const { tenant_id: tenantId, user_id: userId, token_id: tokenId, signed_in_by = null, address } = who;
  if (!action) return undefined;
  const details = { operation, address };
  if (tenantId !== undefined && userId !== undefined && tokenId !== undefined)
    return {
      tenantId,
      actor: { kind: "user", id: userId, signedInBy: signed_in_by, tokenId, requestId },
      action,
      target: { type: "token", id: tokenId },
      details,
    };
  if (!refused) return undefined;
  const { tenantId: ofTenant, userId: id, tokenId: ofToken, reason } = refused;
  return {
    tenantId: ofTenant,
    actor: unknownUser(requestId),
    action,
    target: ofToken === undefined ? { type: "user", id } : { type: "token", id: ofToken },
    details: { ...details, user_id: id, reason },
  };
}
