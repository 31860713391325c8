import type { LastDisconnect } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import type { DeviceRow } from "../storage/schema/tables.ts";
import type { Close } from "../whatsapp/socket/close-reasons.ts";
import { isPaired } from "./device-states.ts";
import { lastDisconnect } from "./device-views.ts";
import type { DeviceChanges, DeviceRepository } from "./devices.repository.ts";

/** What is stored of a device: changed in memory at once, and in the database in the order of the changes. */
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
   * As `save`, but for changes that can be refused: in memory only once they are in the database.
   * @param store puts them there when it is their turn, and resolves with them, or with nothing if there are none
   * @throws what `store` throws, and then nothing was changed
   */
  async change(store: () => Promise<DeviceChanges | undefined>): Promise<void> {
    await this.#writes.runExclusive(async () => {
      const changes = await store();
      if (changes) this.#apply(changes);
    });
  }

  /** Resolves when all changes so far are in the database. */
  async saved(): Promise<void> {
    await this.#writes.waitForUnlock();
  }

  /** WhatsApp has sent something. Stored when what is stored is too far from that: there may be a lot of it. */
  recordActivity(heardAt: Date): void {
    const { last_activity_at: stored } = this.#row;
    // Either way: the clock may have been put back.
    const farMs = stored === null ? Infinity : Math.abs(heardAt.getTime() - Date.parse(stored));
    if (farMs > activityPrecisionMs) this.saveActivity(heardAt);
  }

  /** @param heardAt when WhatsApp last sent anything */
  saveActivity(heardAt: Date | undefined): void {
    if (!heardAt) return;
    const last_activity_at = heardAt.toISOString();
    // Not a change of the device: `updated_at` stays.
    this.#row = { ...this.#row, last_activity_at };
    this.#store(() => this.#rows.noteActivity(this.#row.id, last_activity_at));
  }

  /** When WhatsApp's ban of the account ends, if it has not ended yet. */
  get bannedUntil(): Date | undefined {
    const { banned_until } = this.#row;
    const until = banned_until === null ? undefined : new Date(banned_until);
    return until && until.getTime() > Date.now() ? until : undefined;
  }

  /** @param leastBanMs a ban that ends sooner is taken to last for so long */
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

/** How far after a crash the time that is stored may be from when WhatsApp last sent anything. */
const activityPrecisionMs = 60_000;
