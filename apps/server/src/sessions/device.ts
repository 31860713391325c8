import type { DeviceState, Device as DeviceView, DisconnectReason, LastDisconnect } from "@wuts/contract";
import type { Logger } from "pino";
import { Failure } from "../kernel/failures.ts";
import type { DeviceRow } from "../storage/schema/tables.ts";
import type { DeviceCredentials } from "../whatsapp/auth/credentials.repository.ts";
import type { StoredAuth } from "../whatsapp/auth/stored-auth.ts";
import { type Jid, type Person, parseJid } from "../whatsapp/protocol/jid.ts";
import type { Connection } from "../whatsapp/socket/connection.ts";
import { ConnectionSupervisor, type SupervisorOptions } from "./connection-supervisor.ts";
import { ConnectionWaiter, type ConnectionWaiterOptions } from "./connection-waiter.ts";
import type { DeviceModule } from "./device-module.ts";
import { DeviceRecord } from "./device-record.ts";
import { deviceView } from "./device-views.ts";
import type { DeviceChanges, DeviceRepository } from "./devices.repository.ts";
import type { HeldLease } from "./leases/device-leases.ts";
import { Pairing, type PairingCode, type PairingMethod, type QrCode } from "./pairing/pairing.ts";

export interface DeviceOptions extends SupervisorOptions {
  readonly waiter: ConnectionWaiterOptions;
}

/** Dependencies of a device. */
export interface DeviceParts {
  /** The row as stored after this server took the lease. */
  readonly row: DeviceRow;
  readonly rows: DeviceRepository;
  readonly options: DeviceOptions;
  /** The lease needed to write the device's credentials and row. */
  readonly lease: HeldLease;
  readonly credentials: DeviceCredentials;
  readonly modules: readonly DeviceModule[];
  readonly log: Logger;
}

/** Called before a pairing begins; it may refuse the pairing by throwing a Failure. */
export type Admission = (method: PairingMethod) => Promise<void>;

/** A device and its owner's operations on it: pair, connect, disconnect, log out. */
export class Device {
  readonly #modules: readonly DeviceModule[];
  readonly #record: DeviceRecord;
  readonly #supervisor: ConnectionSupervisor;
  readonly #waiter: ConnectionWaiter;
  readonly #connectTimeoutMs: number;

  constructor({ row, rows, options, lease, credentials, modules, log }: DeviceParts) {
    const ownLog = log.child({ device_id: row.id, user_id: row.user_id });
    this.#modules = modules;
    this.#record = new DeviceRecord(row, rows, ownLog);
    this.#supervisor = new ConnectionSupervisor({
      record: this.#record,
      options,
      lease,
      credentials,
      modules,
      log: ownLog,
    });
    this.#waiter = new ConnectionWaiter(this.#supervisor, options.waiter);
    this.#connectTimeoutMs = options.whatsapp.connectTimeoutMs;
  }

  get id(): string {
    return this.#record.row.id;
  }

  get userId(): string {
    return this.#record.row.user_id;
  }

  get state(): DeviceState {
    return this.#supervisor.state;
  }

  /**
   * Whether this server may release the device: it does no work here that another server could not do, and no starting
   * server would connect it.
   */
  get isLetGo(): boolean {
    const { standing } = this.#record.row;
    return !this.#supervisor.connection && standing === this.state && standing !== "replaced";
  }

  /** Whether the device is paired, but has not been connected since it was loaded, or since its ban ended. */
  get waitsToBeRestored(): boolean {
    if (this.#supervisor.connection || this.#supervisor.retryAt !== undefined) return false;
    return this.state === "connecting" || (this.state === "banned" && isBanOver(this.#record.row));
  }

  get isPaired(): boolean {
    return this.#record.isPaired;
  }

  get lastDisconnect(): LastDisconnect | null {
    return this.#record.lastDisconnect;
  }

  /**
   * Whether the last account in pairing must confirm new devices with a passkey, which this server cannot give. Reset by
   * the next attempt.
   */
  get passkeyRequired(): boolean {
    const { pairing } = this.#supervisor;
    if (pairing) return pairing.needsPasskey;
    return !this.isPaired && this.lastDisconnect?.reason === "passkey_required";
  }

  /** When WhatsApp's ban of the account ends, in RFC 3339; `null`: no ban, or WhatsApp has not said when it ends. */
  get bannedUntil(): string | null {
    // A device that connects by itself when the ban ends is still waiting for that.
    return this.state === "banned"
      ? this.#record.row.banned_until
      : (this.#record.bannedUntil?.toISOString() ?? null);
  }

  /** The rate limit for pictures in batch requests, per minute; `null`: the default of all devices. */
  get picturesPerMinute(): number | null {
    return this.#record.row.picture_pace_per_minute;
  }

  /** The known JIDs of the linked account. */
  get ownJids(): readonly string[] {
    const { jid, lid } = this.#record.row;
    return [jid, lid].filter((own) => own !== null);
  }

  /** @returns the linked account, if the JID is its number or its LID; does not ask WhatsApp */
  asOwn(jid: Jid): Person | undefined {
    const [own, lid] = [this.#record.row.jid, this.#record.row.lid].map((each) => parseJid(each ?? ""));
    if (!own || (jid !== own && jid !== lid)) return undefined;
    return lid ? { jid: own, lid } : { jid: own, lid: null };
  }

  view(): DeviceView {
    const heardAt = this.#supervisor.connection?.lastHeardAt?.toISOString();
    const view = deviceView(this.#record.row, this.state);
    return { ...view, last_activity_at: heardAt ?? view.last_activity_at };
  }

  /** Changes the owner's settings. @param store as in DeviceRecord's `change` @throws what `store` throws */
  async change(store: () => Promise<DeviceChanges | undefined>): Promise<void> {
    await this.#record.change(store);
    for (const module of this.#modules) module.settingsChanged?.();
  }

  /** @returns the QR code that can be scanned now, if there is one */
  waitingQrCode(): QrCode | undefined {
    const { pairing } = this.#supervisor;
    // A connection that waits for a pairing code has QR codes too, but they are shown to no caller.
    return pairing?.serves({ by: "qr" }) ? pairing.qrCode() : undefined;
  }

  /**
   * @returns the live connection and its credentials
   * @throws Failure DeviceNotPaired, or DeviceNotReady with the time to wait
   */
  ready(): { readonly connection: Connection; readonly auth: StoredAuth } {
    const { connection, auth } = this.#supervisor;
    if (this.state === "connected" && connection && auth) return { connection, auth };
    if (!this.isPaired) throw new Failure("DeviceNotPaired");
    throw this.notReady();
  }

  /**
   * As `ready`, but waits while the device is connecting.
   * @param signal gives up waiting
   * @throws Failure as `ready`, or DeviceBusy when too many wait already; the reason of `signal`
   */
  async untilReady(signal: AbortSignal): Promise<void> {
    await this.#waiter.wait(signal);
    this.ready();
  }

  /** @returns the failure that says why the device cannot query WhatsApp now, and when to retry */
  notReady(): Failure {
    const usual = `the device is not connected to WhatsApp just now (${this.state})`;
    const { retryAt } = this.#supervisor;
    const { bannedUntil } = this.#record;
    if (this.state === "banned" && bannedUntil) {
      return new Failure("DeviceNotReady", {
        message: `${usual}; ${bannedInWords(bannedUntil)}`,
        retryAfter: secondsUntil(bannedUntil),
      });
    }
    // The device may have reconnected already, on another connection than the failed query's.
    const isComing = this.#supervisor.isComing || this.state === "connected";
    const waitMs = retryAt === undefined ? undefined : retryAt - performance.now();
    const help = this.state === "banned" ? "POST /connect tries again" : "POST /connect connects it";
    return new Failure("DeviceNotReady", {
      message: isComing ? usual : `${usual}; ${help}`,
      retryAfter: waitMs === undefined ? (isComing ? 1 : 60) : Math.max(1, Math.ceil(waitMs / 1000)),
    });
  }

  /**
   * Gets a QR code, opening a connection if no open one offers a code.
   * @param admit called before a new pairing begins; it may refuse the pairing by throwing a Failure
   * @throws Failure as in the contract of `GET /qr`
   */
  async qrCode(refresh: boolean, admit: Admission): Promise<{ code: QrCode; cached: boolean }> {
    const startedAt = Date.now();
    const pairing = await this.#startPairing({ by: "qr" }, refresh, admit);
    const code = await this.#waitForQrCode(pairing);
    return { code, cached: code.generatedAt.getTime() < startedAt };
  }

  /** Gets a pairing code for a phone. @param admit as for `qrCode` @throws Failure as in the contract of `POST /paircode` */
  async pairingCode(
    phoneNumber: string,
    refresh: boolean,
    admit: Admission,
  ): Promise<{ code: PairingCode; cached: boolean }> {
    const startedAt = Date.now();
    const pairing = await this.#startPairing({ by: "code", phoneNumber }, refresh, admit);
    // Before the first QR code the connection is not yet encrypted, and Baileys would send the request in the clear.
    await this.#waitForQrCode(pairing);
    try {
      const code = await pairing.requestCode();
      return { code, cached: code.generatedAt.getTime() < startedAt };
    } catch (error) {
      await this.#abandon(pairing);
      throw pairing.isGivenUp || pairing.needsPasskey ? this.#failureOfEnded(pairing) : error;
    }
  }

  /**
   * Connects a paired device and waits until WhatsApp has accepted its login.
   * @returns whether it is connected; if not, it must be paired first
   * @throws Failure AccountBanned, WhatsAppError, WhatsAppUnreachable, WhatsAppTimeout
   */
  async connect(): Promise<boolean> {
    await this.#supervisor.change(async () => {
      if (!this.isPaired || this.#supervisor.connection) return;
      // A login before the end of a ban makes the ban longer.
      if (this.#record.bannedUntil) throw this.#failureOfBan();
      await this.#supervisor.open();
    });
    const settled = await this.#supervisor.changes.waitFor(
      () => (this.state === "connecting" ? undefined : true),
      this.#connectTimeoutMs,
    );
    if (this.state === "connected") return true;
    if (!this.isPaired) return false;
    if (this.state === "banned") throw this.#failureOfBan();
    throw settled ? this.#failureOfClose() : this.#failureOfSilence();
  }

  /**
   * Connects a device after a start of the server. Failures are retried later, as for any lost connection.
   * @param found the device's state when the server started, whatever it is: a crash may have come before its pairing was
   * stored. If the state differs now, a caller has used the device meanwhile
   */
  async restore(found: DeviceState): Promise<void> {
    try {
      const isUntouched = await this.#supervisor.change(async () => {
        if (this.#supervisor.connection || this.state !== found) return false;
        await this.#supervisor.open();
        return true;
      });
      if (isUntouched) await this.connect();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** Ends the connection and keeps the device paired, until `connect`. */
  async disconnect(): Promise<void> {
    await this.#supervisor.change(async () => {
      if (this.#supervisor.connection || this.#supervisor.retryAt) {
        this.#record.saveClose({ reason: "requested", code: null });
      }
      this.#supervisor.pairing?.giveUp();
      if (this.state === "pairing") await this.#forgetPairing();
      else await this.#supervisor.end();
      // A device that would connect by itself when its ban ends stays offline from now on; the ban goes on.
      if (this.isPaired && (this.state !== "banned" || this.bannedUntil !== null))
        this.#supervisor.rest("disconnected");
      await this.#record.saved();
    });
  }

  /**
   * Unlinks the account, if WhatsApp can be reached now, and wipes the credentials in any case.
   * @returns whether WhatsApp confirmed the unlinking
   */
  async logout(): Promise<boolean> {
    return this.#supervisor.change(async () => {
      // WhatsApp ends the connection of an unlinked device; no reaction is needed.
      this.#supervisor.pairing?.giveUp();
      const unlinked = await this.#unlink();
      await this.#supervisor.wipe();
      this.#supervisor.rest(this.isPaired ? "logged_out" : "unpaired");
      await this.#record.saved();
      return unlinked;
    });
  }

  /**
   * Ends the connection for good. Stored data stays; the caller deletes it.
   * @param unlink whether to ask WhatsApp to unlink the account, if it can be reached now
   * @returns whether WhatsApp confirmed the unlinking
   */
  async decommission(unlink: boolean): Promise<boolean> {
    this.#supervisor.pairing?.giveUp();
    this.#supervisor.stop();
    return this.#supervisor.change(async () => {
      const unlinked = unlink && (await this.#unlink());
      await this.#supervisor.end();
      await this.#record.saved();
      return unlinked;
    });
  }

  /** Ends the connection for good, without unlinking; the stored device reconnects at the next start. */
  async stop(): Promise<void> {
    this.#supervisor.stop();
    await this.#supervisor.change(async () => {
      await this.#supervisor.end();
      await this.#record.saved();
    });
  }

  /** Ends the connection at once and leaves the stored data to another server, which has the device now or will have it. */
  abandon(): void {
    this.#supervisor.stop();
    this.#supervisor.release()?.abandon();
  }

  /**
   * Ends the connection, after unlinking the account if WhatsApp can be reached. A device that a phone has just linked
   * and that was never connected logs in for that; otherwise the phone would list a device that no server holds.
   * @returns whether WhatsApp confirmed it
   */
  async #unlink(): Promise<boolean> {
    const connection = this.state === "connected" ? this.#supervisor.release() : undefined;
    const unlinked = (await connection?.unlink()) ?? false;
    await connection?.close();
    const isNew = this.state === "pairing" || (this.isPaired && this.#record.row.jid === null);
    await this.#supervisor.end();
    return isNew && this.#supervisor.auth?.isPaired() !== false ? this.#supervisor.unlink() : unlinked;
  }

  /** Ends a pairing attempt for good. If a phone has linked the device meanwhile, asks WhatsApp to unlink it. */
  async #forgetPairing(): Promise<void> {
    await this.#supervisor.end();
    if (this.#supervisor.auth?.isPaired()) {
      await this.#supervisor.unlink();
      await this.#supervisor.wipe();
    }
    this.#supervisor.rest("unpaired");
  }

  /**
   * Ends a pairing attempt, so that another can begin. If a phone has linked the device meanwhile, the device logs in
   * instead.
   * @throws Failure DeviceAlreadyPaired
   */
  async #endAttempt(): Promise<void> {
    const isLinked = () => this.state === "pairing" && this.#supervisor.auth?.isPaired() === true;
    if (!isLinked()) await this.#supervisor.end();
    if (!isLinked()) return;
    if (!this.#supervisor.connection) await this.#supervisor.open();
    throw new Failure("DeviceAlreadyPaired");
  }

  async #startPairing(method: PairingMethod, refresh: boolean, admit: Admission): Promise<Pairing> {
    return this.#supervisor.change(async () => {
      if (this.isPaired) throw new Failure("DeviceAlreadyPaired");
      const current = this.#supervisor.pairing;
      // A caller who polls for the code must not trigger a passkey request each time.
      if (this.passkeyRequired && !refresh) throw new Failure("PasskeyRequired");
      if (current?.serves(method) && !refresh) return current;
      await admit(method);
      current?.giveUp();
      await this.#endAttempt();
      const pairing = new Pairing(method);
      await this.#supervisor.open(pairing);
      return pairing;
    });
  }

  async #waitForQrCode(pairing: Pairing): Promise<QrCode> {
    const code = await this.#supervisor.changes.waitFor(
      () => pairing.qrCode() ?? (this.#supervisor.pairing === pairing ? undefined : "ended"),
      this.#connectTimeoutMs,
    );
    if (code === "ended") throw this.#failureOfEnded(pairing);
    if (code) return code;
    const failure = pairing.isGivenUp ? new Failure("PairingEnded") : this.#failureOfSilence();
    await this.#abandon(pairing);
    throw failure;
  }

  async #abandon(pairing: Pairing): Promise<void> {
    await this.#supervisor.change(async () => {
      if (this.#supervisor.pairing !== pairing) return;
      await this.#endAttempt();
      this.#supervisor.rest("unpaired");
    });
  }

  /** Chooses the failure for a silent WhatsApp: unreachable if no data arrived at all, otherwise a timeout. */
  #failureOfSilence(): Failure {
    return this.#supervisor.connection?.lastHeardAt
      ? new Failure("WhatsAppTimeout")
      : new Failure("WhatsAppUnreachable");
  }

  #failureOfEnded(pairing: Pairing): Failure {
    if (this.isPaired) return new Failure("DeviceAlreadyPaired");
    if (pairing.needsPasskey) return new Failure("PasskeyRequired");
    return pairing.isGivenUp ? new Failure("PairingEnded") : this.#failureOfClose();
  }

  /** Explains that WhatsApp refuses the account, for some time or for good. */
  #failureOfBan(): Failure {
    const { reason = "banned", code = null } = this.lastDisconnect ?? {};
    const { bannedUntil } = this.#record;
    const message = bannedUntil
      ? bannedInWords(bannedUntil)
      : `WhatsApp refuses this account (${reason}, ${code})`;
    return new Failure("AccountBanned", { message });
  }

  /** Explains why WhatsApp ended the connection, if it said so. */
  #failureOfClose(): Failure {
    const { reason, code = null } = this.lastDisconnect ?? {};
    if (reason === undefined || code === null || unsaid.has(reason))
      return new Failure("WhatsAppUnreachable");
    return new Failure("WhatsAppError", { message: `WhatsApp ended the connection (${reason}, ${code})` });
  }
}

/** Whether the device had a ban that is over by now. */
export function isBanOver({ banned_until }: Pick<DeviceRow, "banned_until">): boolean {
  return banned_until !== null && Date.parse(banned_until) <= Date.now();
}

function bannedInWords(until: Date): string {
  return `WhatsApp has banned this account until ${until.toISOString()}`;
}

function secondsUntil(time: Date): number {
  return Math.max(1, Math.ceil((time.getTime() - Date.now()) / 1000));
}

/** Reasons that WhatsApp does not explain, or that are no fault of the client or the account. */
const unsaid: ReadonlySet<DisconnectReason> = new Set([
  "requested",
  "connection_lost",
  "timed_out",
  "restart_required",
  "pairing_expired",
]);
