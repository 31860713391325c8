import type { DeviceState, Device as DeviceView, LastDisconnect } from "@wuts/contract";
import PQueue from "p-queue";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import type { DeviceCredentials } from "../storage/credentials.ts";
import type { DeviceChanges, DeviceRows } from "../storage/devices.ts";
import type { DeviceRow, Standing } from "../storage/tables.ts";
import type { Close } from "../whatsapp/close-reasons.ts";
import { type Connection, openConnection, type WhatsAppOptions } from "../whatsapp/connection.ts";
import { loadStoredAuth, type StoredAuth } from "../whatsapp/stored-auth.ts";
import { Pairing, type PairingCode, type PairingMethod, type QrCode } from "./pairing.ts";
import { ReconnectDelay, type ReconnectDelayOptions } from "./reconnect-delay.ts";
import { isPaired, type RestingState, reactions, restingState, transition } from "./states.ts";
import { deviceView, lastDisconnect } from "./views.ts";

export interface DeviceOptions {
  readonly whatsapp: WhatsAppOptions;
  readonly reconnect: ReconnectDelayOptions;
}

/**
 * The life of one device: its state, its one connection at a time, pairing it and bringing it back.
 *
 * Changes (opening, closing, wiping) run one after the other; waiting for WhatsApp happens outside of them, so that a
 * device that waits can be told to stop.
 */
export class Device {
  readonly #options: DeviceOptions;
  readonly #rows: DeviceRows;
  readonly #credentials: DeviceCredentials;
  readonly #log: Logger;
  readonly #changes = new PQueue({ concurrency: 1 });
  readonly #watchers = new Set<() => void>();
  readonly #delay: ReconnectDelay;

  #row: DeviceRow;
  #state: DeviceState;
  #auth: StoredAuth | undefined;
  #connection: Connection | undefined;
  #pairing: Pairing | undefined;
  #openedAt: number | undefined;
  #retry: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #stopped = false;

  constructor(
    row: DeviceRow,
    options: DeviceOptions,
    rows: DeviceRows,
    credentials: DeviceCredentials,
    log: Logger,
  ) {
    this.#row = row;
    this.#state = restingState(row.standing);
    this.#options = options;
    this.#rows = rows;
    this.#credentials = credentials;
    this.#log = log.child({ device_id: row.id });
    this.#delay = new ReconnectDelay(options.reconnect);
  }

  get id(): string {
    return this.#row.id;
  }

  get userId(): string {
    return this.#row.user_id;
  }

  get state(): DeviceState {
    return this.#state;
  }

  get isPaired(): boolean {
    return isPaired(this.#row.standing);
  }

  get lastDisconnect(): LastDisconnect | null {
    return lastDisconnect(this.#row);
  }

  /** The JIDs of the linked account, as far as they are known. */
  get ownJids(): readonly string[] {
    return [this.#row.jid, this.#row.lid].filter((jid) => jid !== null);
  }

  view(): DeviceView {
    return deviceView(this.#rowNow(), this.#state);
  }

  /** @returns the QR code that waits to be scanned, if one does */
  waitingQrCode(): QrCode | undefined {
    return this.#pairing?.qrCode();
  }

  /**
   * @returns the live connection and its credentials
   * @throws Failure DeviceNotPaired, or DeviceNotReady with the time to wait
   */
  ready(): { readonly connection: Connection; readonly auth: StoredAuth } {
    if (this.#state === "connected" && this.#connection && this.#auth) {
      return { connection: this.#connection, auth: this.#auth };
    }
    if (!this.isPaired) throw new Failure("DeviceNotPaired");
    throw this.notReady();
  }

  /** @returns the failure that says why the device cannot ask WhatsApp now, and when it may */
  notReady(): Failure {
    const usual = `the device is not connected to WhatsApp just now (${this.#state})`;
    const comesBack = this.#state === "reconnecting" || this.#state === "connecting";
    return new Failure("DeviceNotReady", {
      message: comesBack ? usual : `${usual}; POST /connect connects it`,
      retryAfter: this.#retry
        ? Math.max(1, Math.ceil((this.#retry.at - Date.now()) / 1000))
        : comesBack
          ? 1
          : 60,
    });
  }

  /** Gets a QR code, opening a connection if none offers one. @throws Failure as in the contract of `GET /qr` */
  async qrCode(refresh: boolean): Promise<{ code: QrCode; cached: boolean }> {
    const startedAt = Date.now();
    const pairing = await this.#startPairing({ by: "qr" }, refresh);
    const code = await this.#waitForQrCode(pairing);
    return { code, cached: code.generatedAt.getTime() < startedAt };
  }

  /** Gets a pairing code for a phone. @throws Failure as in the contract of `POST /paircode` */
  async pairingCode(phoneNumber: string, refresh: boolean): Promise<{ code: PairingCode; cached: boolean }> {
    const startedAt = Date.now();
    const pairing = await this.#startPairing({ by: "code", phoneNumber }, refresh);
    // Before the first QR code the connection is not yet encrypted, and Baileys would send the request in the clear.
    await this.#waitForQrCode(pairing);
    try {
      const code = await pairing.requestCode();
      return { code, cached: code.generatedAt.getTime() < startedAt };
    } catch (error) {
      await this.#changes.add(() => this.#abandon(pairing));
      throw error;
    }
  }

  /**
   * Connects a paired device and waits until WhatsApp has accepted its login.
   * @returns whether it is connected; if not, it must be paired first
   * @throws Failure WhatsAppError, WhatsAppUnreachable, WhatsAppTimeout
   */
  async connect(): Promise<boolean> {
    await this.#changes.add(async () => {
      if (!this.isPaired || this.#connection) return;
      await this.#open();
    });
    const settled = await this.#until(
      () => (this.#state === "connecting" ? undefined : true),
      this.#options.whatsapp.connectTimeoutMs,
    );
    if (this.#state === "connected") return true;
    if (!this.isPaired) return false;
    throw settled ? this.#failureOfClose() : this.#failureOfSilence();
  }

  /** Connects a device after a start of the server; what fails is tried again later, as for any lost connection. */
  async restore(): Promise<void> {
    try {
      await this.#changes.add(async () => {
        // Whatever the device was noted to be: a crash may have come before its pairing was noted.
        if (!this.#connection) await this.#open();
      });
      await this.connect();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** Ends the connection and keeps the device paired, until `connect`. */
  async disconnect(): Promise<void> {
    await this.#changes.add(async () => {
      if (this.#connection || this.#retry) this.#note({ reason: "requested", code: null });
      await this.#endConnection();
      if (this.#state === "pairing") this.#rest("unpaired");
      else if (this.isPaired && this.#state !== "banned") this.#rest("disconnected");
      await this.#saved();
    });
  }

  /**
   * Unlinks the account, as far as WhatsApp can be asked now, and wipes the credentials in any case.
   * @returns whether WhatsApp confirmed the unlinking
   */
  async logout(): Promise<boolean> {
    return this.#changes.add(async () => {
      const connection = this.#state === "connected" ? this.#connection : undefined;
      // From here on the connection's end is our own doing, and nothing to react to.
      if (connection) this.#connection = undefined;
      const unlinked = (await connection?.unlink()) ?? false;
      await connection?.close();
      await this.#endConnection();
      await this.#credentials.wipe();
      this.#rest(this.isPaired ? "logged_out" : "unpaired");
      await this.#saved();
      return unlinked;
    });
  }

  /** Ends the connection for good, without unlinking; what is stored connects again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#changed();
    await this.#changes.add(async () => {
      await this.#endConnection();
      await this.#saved();
    });
  }

  async #startPairing(method: PairingMethod, refresh: boolean): Promise<Pairing> {
    return this.#changes.add(async () => {
      if (this.isPaired) throw new Failure("DeviceAlreadyPaired");
      if (this.#pairing?.serves(method) && !refresh) return this.#pairing;
      await this.#endConnection();
      this.#pairing = new Pairing(method);
      await this.#open();
      return this.#pairing;
    });
  }

  async #waitForQrCode(pairing: Pairing): Promise<QrCode> {
    const code = await this.#until(
      () => pairing.qrCode() ?? (this.#pairing === pairing ? undefined : "ended"),
      this.#options.whatsapp.connectTimeoutMs,
    );
    if (code === "ended") throw this.isPaired ? new Failure("DeviceAlreadyPaired") : this.#failureOfClose();
    if (code) return code;
    const failure = this.#failureOfSilence();
    await this.#changes.add(() => this.#abandon(pairing));
    throw failure;
  }

  async #abandon(pairing: Pairing): Promise<void> {
    if (this.#pairing !== pairing) return;
    await this.#endConnection();
    this.#rest("unpaired");
  }

  /** Opens a connection: to pair if a pairing has begun, else to log in. Runs as a change. */
  async #open(): Promise<void> {
    if (this.#stopped) throw new Failure("ServerNotReady");
    this.#cancelRetry();
    await this.#auth?.pendingWrites()?.catch(() => undefined);
    const auth = await loadStoredAuth(this.#credentials);
    if (this.#pairing) {
      this.#become("pairing");
    } else if (auth.isPaired()) {
      if (!this.isPaired) this.#save({ standing: "paired" });
      this.#become("connecting");
    } else {
      this.#rest("unpaired");
      return;
    }
    const pairing = this.#pairing;
    const connection: Connection = openConnection(
      this.#options.whatsapp,
      auth,
      this.#log,
      {
        qr: (text, expiresAt) => {
          pairing?.offer(text, expiresAt);
          this.#changed();
        },
        opened: () => {
          if (this.#connection === connection) this.#opened(auth);
        },
        closed: (close) => {
          if (this.#connection === connection) this.#closed(close, auth);
        },
      },
      pairing?.qrLifetimeMs,
    );
    pairing?.begin(connection);
    this.#auth = auth;
    this.#connection = connection;
  }

  #opened(auth: StoredAuth): void {
    const account = auth.account();
    this.#openedAt = Date.now();
    this.#pairing = undefined;
    this.#become("connected");
    this.#save({
      standing: "paired",
      jid: account?.jid ?? null,
      lid: account?.lid ?? this.#row.lid,
      phone_number: account?.phoneNumber ?? null,
    });
    this.#log.info("connected");
  }

  #closed(close: Close, auth: StoredAuth): void {
    this.#note(close);
    this.#delay.connectionEnded(this.#openedAt === undefined ? 0 : Date.now() - this.#openedAt);
    this.#openedAt = undefined;
    this.#connection = undefined;
    this.#pairing = undefined;
    this.#log.info({ reason: close.reason, code: close.code }, "connection ended");
    if (this.#stopped) return;
    if (!auth.isPaired()) {
      this.#rest("unpaired");
      return;
    }
    const reaction = reactions[close.reason];
    if (reaction.next === "stop") {
      this.#rest(reaction.state, reaction.standing);
      if (reaction.standing === "logged_out") this.#later(() => this.#credentials.wipe());
      return;
    }
    this.#save({ standing: "paired" });
    const waitMs = reaction.next === "reconnect-now" ? this.#delay.forRestart() : this.#delay.next();
    this.#become(reaction.next === "reconnect-now" ? "connecting" : "reconnecting");
    const timer = setTimeout(() => this.#later(() => this.#reopen()), waitMs);
    this.#retry = { timer, at: Date.now() + waitMs };
  }

  async #reopen(): Promise<void> {
    if (this.#retry && !this.#connection && !this.#stopped) await this.#open();
  }

  /** Runs a change that nobody waits for. */
  #later(change: () => Promise<void>): void {
    this.#changes.add(change).catch((error: unknown) => {
      this.#log.error({ err: error }, "a change of the device failed");
    });
  }

  /** Ends the connection, if any, as our own doing: its end is not reacted to. */
  async #endConnection(): Promise<void> {
    this.#cancelRetry();
    const connection = this.#connection;
    this.#rememberActivity();
    this.#connection = undefined;
    this.#pairing = undefined;
    this.#openedAt = undefined;
    await connection?.close();
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry?.timer);
    this.#retry = undefined;
  }

  /** Nothing at all came back: there is no way to WhatsApp. Something did: WhatsApp takes too long. */
  #failureOfSilence(): Failure {
    return this.#connection?.lastHeardAt ? new Failure("WhatsAppTimeout") : unreachable();
  }

  #failureOfClose(): Failure {
    const reason = this.lastDisconnect?.reason;
    if (reason === undefined) return unreachable();
    const reaction = reactions[reason];
    if (reason === "requested" || reaction.next !== "stop") return unreachable();
    return new Failure("WhatsAppError", { message: `WhatsApp ended the connection (${reason})` });
  }

  #become(state: DeviceState): void {
    this.#state = transition(this.#state, state);
    this.#changed();
  }

  /** Comes to a state without a connection. @param standing what is stored, when it is not the state itself */
  #rest(state: RestingState, standing: Standing = state): void {
    this.#become(state);
    const account = isPaired(standing) ? {} : { jid: null, lid: null, phone_number: null };
    this.#save({ standing, ...account });
  }

  #note(close: Close): void {
    this.#rememberActivity();
    this.#save({
      last_disconnect_reason: close.reason,
      last_disconnect_code: close.code,
      last_disconnect_at: new Date().toISOString(),
    });
  }

  #rememberActivity(): void {
    const { last_activity_at } = this.#rowNow();
    if (last_activity_at !== this.#row.last_activity_at) this.#save({ last_activity_at });
  }

  #rowNow(): DeviceRow {
    const heardAt = this.#connection?.lastHeardAt;
    return heardAt ? { ...this.#row, last_activity_at: heardAt.toISOString() } : this.#row;
  }

  #unsaved: Promise<void> | undefined;

  /** Changes what is stored of the device: in memory now, in the database in the order of the calls. */
  #save(changes: DeviceChanges): void {
    this.#row = { ...this.#row, ...changes, updated_at: new Date().toISOString() };
    const earlier = this.#unsaved ?? Promise.resolve();
    const done = earlier
      .then(() => this.#rows.update(this.#row.id, changes))
      .catch((error: unknown) => {
        this.#log.error({ err: error }, "the device's state could not be stored");
      });
    this.#unsaved = done;
  }

  async #saved(): Promise<void> {
    await this.#unsaved;
  }

  /**
   * Waits until `check` finds something, looking again at each change.
   * @returns `undefined` when the time is over, or the device was stopped
   */
  #until<Found>(check: () => Found | undefined, timeoutMs: number): Promise<Found | undefined> {
    const now = check();
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve) => {
      const finish = (found: Found | undefined) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(found);
      };
      const look = () => {
        const found = check();
        if (found !== undefined || this.#stopped) finish(found);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      this.#watchers.add(look);
    });
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look();
  }
}

function unreachable(): Failure {
  return new Failure("WhatsAppUnreachable", { retryAfter: 5 });
}
