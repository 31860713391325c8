import type { DeviceState, DisconnectReason } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { Condition } from "../kernel/concurrency/condition.ts";
import { Failure } from "../kernel/failures.ts";
import { SecretUnreadable } from "../storage/encryption/key-ring.ts";
import { runForOwner } from "../storage/engine/connection-turns.ts";
import type { PersistedState } from "../storage/schema/tables.ts";
import type { DeviceCredentials } from "../whatsapp/auth/credentials.repository.ts";
import { loadStoredAuth, type StoredAuth } from "../whatsapp/auth/stored-auth.ts";
import type { Close } from "../whatsapp/socket/close-reasons.ts";
import {
  type Connection,
  type ConnectionListener,
  openConnection,
  type WhatsAppOptions,
} from "../whatsapp/socket/connection.ts";
import { logInToUnlink } from "../whatsapp/socket/log-in-to-unlink.ts";
import type { DeviceModule } from "./device-module.ts";
import type { DeviceEvents } from "./device-observer.ts";
import type { DeviceRecord } from "./device-record.ts";
import { isPaired, reactions, type StateAtRest, stateAtRest, transition } from "./device-states.ts";
import type { HeldLease } from "./leases/device-leases.ts";
import type { Pairing } from "./pairing/pairing.ts";
import { ReconnectBackoff, type ReconnectBackoffOptions } from "./reconnect-backoff.ts";

export interface SupervisorOptions {
  readonly whatsapp: WhatsAppOptions;
  readonly reconnect: ReconnectBackoffOptions;
  readonly events: DeviceEvents;
}

/** Dependencies of one device's connection. */
export interface SupervisorParts {
  readonly record: DeviceRecord;
  readonly options: SupervisorOptions;
  /** Without it nothing is opened or sent. */
  readonly lease: HeldLease;
  readonly credentials: DeviceCredentials;
  readonly modules: readonly DeviceModule[];
  readonly log: Logger;
}

/**
 * Supervises a device's connection to WhatsApp: one connection at a time, the state that follows from it, and the
 * reconnect when it is lost.
 *
 * Changes (opening, ending, wiping) run one after the other. Waiting for WhatsApp happens outside of them, so that a
 * waiting device can still be stopped.
 */
export class ConnectionSupervisor {
  readonly changes = new Condition();
  readonly #record: DeviceRecord;
  readonly #options: SupervisorOptions;
  readonly #lease: HeldLease;
  readonly #credentials: DeviceCredentials;
  readonly #modules: readonly DeviceModule[];
  readonly #log: Logger;
  readonly #changes = new Mutex();
  readonly #delay: ReconnectBackoff;

  #state: DeviceState;
  #auth: StoredAuth | undefined;
  #connection: Connection | undefined;
  #pairing: Pairing | undefined;
  #openedAt: number | undefined;
  #retry: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #stopped = false;

  constructor({ record, options, lease, credentials, modules, log }: SupervisorParts) {
    this.#record = record;
    this.#state = stateAtRest(record.row.standing);
    this.#options = options;
    this.#lease = lease;
    this.#credentials = credentials;
    this.#modules = modules;
    this.#log = log;
    this.#delay = new ReconnectBackoff(options.reconnect);
  }

  get state(): DeviceState {
    return this.#state;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get auth(): StoredAuth | undefined {
    return this.#auth;
  }

  /** The pairing attempt that is under way. */
  get pairing(): Pairing | undefined {
    return this.#pairing;
  }

  /** When the next attempt to connect is due, by `performance.now()`. */
  get retryAt(): number | undefined {
    return this.#retry?.at;
  }

  /** Whether the device is connecting or reconnecting. */
  get isComing(): boolean {
    return this.#state === "connecting" || this.#state === "reconnecting";
  }

  /** Runs a change after the earlier ones have finished. */
  change<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#changes.runExclusive(work);
  }

  /** Opens a connection: to pair, or else to log in if there are credentials. Call only within a change. */
  async open(pairing?: Pairing): Promise<void> {
    // Every operation that opens a connection documents this failure: the device or the server is going away.
    if (this.#stopped) throw new Failure("WhatsAppUnreachable");
    this.#cancelRetry();
    try {
      await this.#open(pairing);
    } catch (error) {
      // Most likely the database failed, not WhatsApp: the device keeps reconnecting by itself.
      if (this.isComing && !this.#connection) {
        this.#retryIn(this.#delay.next(), this.#record.lastDisconnect?.reason ?? "unknown");
        this.#become("reconnecting");
      }
      throw error;
    }
  }

  async #open(pairing?: Pairing): Promise<void> {
    await this.#auth?.retire();
    // Credentials of a logged-out account are dead; the database may have failed when they were to be wiped.
    if (pairing && this.#state === "logged_out") await this.#credentials.wipe();
    const auth = await this.#loadAuth();
    if (!pairing && !auth.isPaired()) {
      this.rest("unpaired");
      return;
    }
    // A crash may have come after the ban was stored and before the device came to rest.
    if (!pairing && this.#record.bannedUntil) {
      this.rest("banned");
      return;
    }
    // Another account may be linked now, and a crash may have left the data of the last account behind.
    if (pairing) await this.#forgetLearned();
    // A crash may have come after the account was linked and before that was stored.
    if (!pairing && !this.#record.isPaired) this.#record.save({ standing: "paired" });
    // Reading the credentials took time.
    await this.#lease.confirmed()?.catch(() => undefined);
    if (this.#stopped) throw new Failure("WhatsAppUnreachable");
    if (this.#lease.lost.aborted) throw new Failure("DeviceElsewhere");
    this.#pairing = pairing;
    this.#become(pairing ? "pairing" : "connecting");
    const listener: ConnectionListener = {
      qr: (text, lifetimeMs) => {
        pairing?.offer(text, lifetimeMs);
        this.changes.notifyAll();
      },
      linked: () => {
        pairing?.end();
        this.changes.notifyAll();
      },
      passkeyRequired: () => {
        pairing?.requirePasskey();
        this.changes.notifyAll();
      },
      codeExpired: () => pairing?.expireCode(),
      opened: () => {
        if (this.#connection === connection) this.#opened(auth);
      },
      heard: (at) => this.#record.recordActivity(at),
      closed: (close) => {
        this.#options.events.connectionClosed(close.reason);
        if (this.#connection === connection) this.#closed(close, auth);
      },
    };
    // Events of this connection are stored in the device's own share of the queue, not in that of the caller who opened it.
    const connection: Connection = runForOwner(this.#record.row.id, () =>
      openConnection({
        options: this.#options.whatsapp,
        auth,
        log: this.#log,
        listener,
        confirmed: this.#lease.confirmed,
        subscribe: (events) => {
          for (const module of this.#modules) module.connected?.(events);
        },
        qrLifetimeMs: pairing?.qrLifetimeMs,
      }),
    );
    pairing?.begin(connection);
    this.#auth = auth;
    this.#connection = connection;
  }

  /** Ends the connection, if any, and stops all reconnects. Call only within a change. */
  async end(): Promise<void> {
    this.#cancelRetry();
    await this.release()?.close();
    for (const module of this.#modules) await module.flush?.();
  }

  /**
   * Unlinks a device that a phone has linked and that no server will keep. It logs in to do so if there are credentials.
   * Call only within a change, without a connection.
   * @returns whether WhatsApp confirmed that it is not linked
   */
  async unlink(): Promise<boolean> {
    await this.#auth?.retire();
    await this.#lease.confirmed()?.catch(() => undefined);
    if (this.#lease.lost.aborted) return false;
    const auth = await loadStoredAuth(this.#credentials).catch((error: unknown) => {
      if (error instanceof SecretUnreadable) return undefined;
      throw error;
    });
    if (!auth?.isPaired()) return false;
    this.#log.info("a phone has linked the device that is given up; unlinking it");
    const unlinked = await runForOwner(this.#record.row.id, () =>
      logInToUnlink(this.#options.whatsapp, auth, this.#log, this.#lease.confirmed),
    );
    if (!unlinked)
      this.#log.warn("a device that is given up could not be unlinked: the phone still lists it");
    await auth.retire();
    return unlinked;
  }

  /** Deletes the credentials and everything learned through the account. Call only within a change, without a connection. */
  async wipe(): Promise<void> {
    await this.#auth?.retire();
    await this.#credentials.wipe();
    await this.#forgetLearned();
  }

  async #forgetLearned(): Promise<void> {
    for (const module of this.#modules) await module.forget?.();
  }

  /** Hands over the connection without ending it: the caller is responsible for it from now on. */
  release(): Connection | undefined {
    const connection = this.#connection;
    this.#record.saveActivity(connection?.lastHeardAt);
    this.#connection = undefined;
    this.#pairing = undefined;
    this.#openedAt = undefined;
    return connection;
  }

  /** Moves to a state without a connection. @param standing the stored state, when it differs from `state` */
  rest(state: StateAtRest, standing: PersistedState = state): void {
    this.#become(state);
    this.#record.save({
      standing,
      ...(!isPaired(standing) && { jid: null, lid: null, phone_number: null, banned_until: null }),
    });
  }

  /** Stops for good: nothing is opened from now on, and no request waits. */
  stop(): void {
    this.#stopped = true;
    this.changes.close();
  }

  /** Loads the credentials. A paired device whose credentials cannot be read stops reconnecting, and the log says so. */
  async #loadAuth(): Promise<StoredAuth> {
    try {
      return await loadStoredAuth(this.#credentials);
    } catch (error) {
      if (error instanceof SecretUnreadable && this.#record.isPaired)
        this.rest("disconnected", this.#record.row.standing);
      throw error;
    }
  }

  #opened(auth: StoredAuth): void {
    const account = auth.account();
    this.#openedAt = performance.now();
    this.#pairing = undefined;
    this.#become("connected");
    this.#record.save({
      standing: "paired",
      jid: account?.jid ?? null,
      lid: account?.lid ?? this.#record.row.lid,
      phone_number: account?.phoneNumber ?? null,
      banned_until: null,
    });
    this.#log.info("connected");
  }

  #closed(close: Close, auth: StoredAuth): void {
    this.#delay.connectionEnded(this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt);
    this.release();
    // If WhatsApp keeps saying that the ban ends in a moment, the device retries no more often than when WhatsApp is
    // unreachable.
    this.#record.saveClose(close, this.#options.reconnect.maxMs);
    this.#log.info({ reason: close.reason, close_code: close.code, ban: close.ban }, "connection ended");
    if (this.#stopped) return;
    if (!auth.isPaired()) {
      this.rest("unpaired");
      return;
    }
    const reaction = reactions[close.reason];
    if (reaction.next === "stop") {
      this.rest(reaction.state, reaction.standing);
      if (reaction.standing === "logged_out") this.#later(() => this.wipe());
      return;
    }
    this.#record.save({ standing: "paired" });
    const waitMs = reaction.next === "reconnect-now" ? this.#delay.forRestart() : this.#delay.next();
    this.#retryIn(waitMs, close.reason);
    // Last step: requests that wait for a connection read the retry time now.
    this.#become(reaction.next === "reconnect-now" ? "connecting" : "reconnecting");
  }

  #retryIn(waitMs: number, reason: DisconnectReason): void {
    const timer = setTimeout(() => this.#later(() => this.#reopen(reason)), waitMs);
    this.#retry = { timer, at: performance.now() + waitMs };
  }

  async #reopen(reason: DisconnectReason): Promise<void> {
    if (!this.#retry || this.#connection || this.#stopped) return;
    this.#options.events.reconnecting(reason);
    await this.open();
  }

  /** Runs a change in the background. */
  #later(work: () => Promise<void>): void {
    this.change(work).catch((error: unknown) => {
      this.#log.error({ err: error }, "a change of the device failed");
    });
  }

  #cancelRetry(): void {
    clearTimeout(this.#retry?.timer);
    this.#retry = undefined;
  }

  #become(state: DeviceState): void {
    this.#state = transition(this.#state, state);
    this.changes.notifyAll();
  }
}
