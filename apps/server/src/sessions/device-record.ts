import type { LastDisconnect } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { workSoFar } from "../kernel/concurrency/work-so-far.ts";
import type { DeviceRow } from "../storage/schema/tables.ts";
import type { Close } from "../whatsapp/socket/close-reasons.ts";
import { isPaired } from "./device-states.ts";
import { lastDisconnect } from "./device-views.ts";
import type { DeviceChanges, DeviceRepository } from "./devices.repository.ts";

/** A device's row: changes apply in memory at once, and in the database in their order. */
export class DeviceRecord {
  readonly #rows: DeviceRepository;
  readonly #log: Logger;
  readonly #writes = new Mutex();
  #row: DeviceRow;

  constructor(row: DeviceRow, rows: DeviceRepository, log: Logger) {
    this.#row = row;
    this.#rows = rows;
    this.#log = log;
  }

  get row(): DeviceRow {
    return this.#row;
  }

  get isPaired(): boolean {
    return isPaired(this.#row.standing);
  }

  get lastDisconnect(): LastDisconnect | null {
    return lastDisconnect(this.#row);
  }

  save(changes: DeviceChanges): void {
    this.#apply(changes);
    this.#store(() => this.#rows.update(this.#row.id, changes));
  }

  /**
   * As `save`, but for changes that can be refused: they apply in memory only after the database has them.
   * @param store writes the changes after earlier ones, and resolves with them, or with `undefined` if there are none
   * @throws what `store` throws; then nothing was changed
   */
  async change(store: () => Promise<DeviceChanges | undefined>): Promise<void> {
    await this.#writes.runExclusive(async () => {
      const changes = await store();
      if (changes) this.#apply(changes);
    });
  }

  /** Resolves when all changes so far are in the database. */
  async saved(): Promise<void> {
    await workSoFar(this.#writes);
  }

  /** Records that WhatsApp has sent data. Writes only if the stored time is too far off, because data may come often. */
  recordActivity(heardAt: Date): void {
    const { last_activity_at: stored } = this.#row;
    // In both directions: the clock may have been set back.
    const farMs = stored === null ? Infinity : Math.abs(heardAt.getTime() - Date.parse(stored));
    if (farMs > activityPrecisionMs) this.saveActivity(heardAt);
  }

  /** Stores the time of the last activity. @param heardAt when WhatsApp last sent data */
  saveActivity(heardAt: Date | undefined): void {
    if (!heardAt) return;
    const last_activity_at = heardAt.toISOString();
    // Activity is not a change of the device: `updated_at` stays.
    this.#row = { ...this.#row, last_activity_at };
    this.#store(() => this.#rows.noteActivity(this.#row.id, last_activity_at));
  }

  /** When WhatsApp's ban of the account ends, if it has not ended yet. */
  get bannedUntil(): Date | undefined {
    const { banned_until } = this.#row;
    const until = banned_until === null ? undefined : new Date(banned_until);
    return until && until.getTime() > Date.now() ? until : undefined;
  }

  /** Stores why a connection ended. @param leastBanMs the shortest time that a ban counts for, in milliseconds */
  saveClose({ reason, code, ban }: Close, leastBanMs = 0): void {
    const now = Date.now();
    const until =
      ban && (ban.seconds === null ? null : new Date(now + Math.max(ban.seconds * 1000, leastBanMs)));
    this.save({
      last_disconnect_reason: reason,
      last_disconnect_code: code,
      last_disconnect_at: new Date(now).toISOString(),
      ...(reason === "banned" && { banned_until: null }),
      ...(until !== undefined && { banned_until: until?.toISOString() ?? null }),
    });
  }

  #store(store: () => Promise<void>): void {
    void this.#writes.runExclusive(async () => {
      try {
        await store();
      } catch (error) {
        this.#log.error({ err: error }, "the device's state could not be stored");
      }
    });
  }

  #apply(changes: DeviceChanges): void {
    this.#row = { ...this.#row, ...changes, updated_at: new Date().toISOString() };
  }
}

/** How far the stored time of the last activity may be off after a crash. */
const activityPrecisionMs = 60_000;
