import type { AuditEntry } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import type { Caller } from "../kernel/caller.ts";
import { workSoFar } from "../kernel/concurrency/work-so-far.ts";
import type { Database } from "../storage/engine/database.ts";
import { type KeysetCursor, type Page, paginate } from "../storage/pagination/keyset-cursor.ts";
import { auditView } from "./account-views.ts";
import { type AuditFilter, auditRepository } from "./repositories/audit.repository.ts";

export interface AuditTrailOptions {
  readonly retentionDays: number;
  /** The time now, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** The number of entries deleted in one batch. */
  readonly batch?: number;
}

/** The audit trail of a tenant: the recorded actions and their authors, for the retention time. */
export class AuditTrail {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #batch: number;
  readonly #deleting = new Mutex();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    database: Database,
    log: Logger,
    { retentionDays, now = Date.now, batch = 500 }: AuditTrailOptions,
  ) {
    this.#database = database;
    this.#log = log;
    this.#retentionMs = retentionDays * 24 * hourMs;
    this.#now = now;
    this.#batch = batch;
  }

  /** @returns one page of the trail of the caller's tenant, newest first */
  async list(
    caller: Caller,
    filter: AuditFilter,
    limit: number,
    after: KeysetCursor | undefined,
  ): Promise<Page<AuditEntry>> {
    const rows = await auditRepository(this.#database).list(caller.tenantId, filter, limit + 1, after);
    return paginate(rows, limit, auditView, ({ at, id }) => ({ at, id }));
  }

  /** Deletes what is too old, now and every hour, until `stop`. */
  start(): void {
    this.#timer = setInterval(() => this.#deleteLater(), hourMs);
    this.#deleteLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await workSoFar(this.#deleting);
  }

  /** Deletes what is too old, a bounded number of entries at a time, so that others get to write in between. */
  async deleteOld(): Promise<void> {
    const oldest = new Date(this.#now() - this.#retentionMs);
    let deleted = this.#batch;
    while (deleted === this.#batch && !this.#stopped) {
      deleted = await auditRepository(this.#database).deleteOlder(oldest, this.#batch);
    }
  }

  #deleteLater(): void {
    void this.#deleting.runExclusive(() =>
      this.deleteOld().catch((error: unknown) => {
        this.#log.error({ err: error }, "old entries of the audit trail could not be deleted");
      }),
    );
  }
}

const hourMs = 3_600_000;
