import type { DeviceState, DisconnectReason } from "@wuts/contract";
import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { Condition } from "../kernel/concurrency/condition.ts";
import { Failure } from "../kernel/failures.ts";
import { SecretUnreadable } from "../storage/encryption/key-ring.ts";
import { inTurnsOf } from "../storage/engine/connection-turns.ts";
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

/** What the connection of one device is made of. */
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
 * A device's link to WhatsApp: one connection at a time, the state that follows from it, and its way back when it is lost.
 *
 * Changes (opening, ending, wiping) run one after the other; waiting for WhatsApp happens outside of them, so that a
 * device that waits can be told to stop.
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

  /** The attempt to pair that is under way. */
  get pairing(): Pairing | undefined {
    return this.#pairing;
  }

  /** When the next attempt to connect is due, by `performance.now()`. */
  get retryAt(): number | undefined {
    return this.#retry?.at;
  }

  /** Whether it is on its way to a connection. */
  get isComing(): boolean {
    return this.#state === "connecting" || this.#state === "reconnecting";
  }

  /** Runs a change when the earlier ones are through. */
  change<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#changes.runExclusive(work);
  }

  /** Opens a connection: to pair, else to log in if there is something to log in with. Only within a change. */
  async open(pairing?: Pairing): Promise<void> {
    // As every operation that opens a connection documents it; the device, or the server, is going away.
    if (this.#stopped) throw new Failure("WhatsAppUnreachable");
    this.#cancelRetry();
    try {
      await this.#open(pairing);
    } catch (error) {
      // Not WhatsApp's doing, most likely the database's: the device goes on coming back by itself.
      if (this.isComing && !this.#connection) {
        this.#retryIn(this.#delay.next(), this.#record.lastDisconnect?.reason ?? "unknown");
        this.#become("reconnecting");
      }
      throw error;
    }
  }

  async #open(pairing?: Pairing): Promise<void> {
    await this.#auth?.retire();
    // Those of an account that is logged out are dead; the database may have failed when they were to be wiped.
    if (pairing && this.#state === "logged_out") await this.#credentials.wipe();
    const auth = await this.#loadAuth();
    if (!pairing && !auth.isPaired()) {
      this.rest("unpaired");
      return;
    }
    // A crash may have come after a ban was noted, and before that the device stays where it is.
    if (!pairing && this.#record.bannedUntil) {
      this.rest("banned");
      return;
    }
    // Another account may be linked now, and a crash may have come before those of the last one were gone.
    if (pairing) await this.#forgetLearned();
    // A crash may have come after the account was linked and before that was noted.
    if (!pairing && !this.#record.isPaired) this.#record.save({ standing: "paired" });
    // Reading took its time.
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
    // What comes on it is stored in turns of the device's own, not in those of whoever asked for the connection.
    const connection: Connection = inTurnsOf(this.#record.row.id, () =>
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

  /** Ends the connection, if any, and every attempt to bring it back. Only within a change. */
  async end(): Promise<void> {
    this.#cancelRetry();
    await this.release()?.close();
    for (const module of this.#modules) await module.flush?.();
  }

  /**
   * Unlinks a device that a phone has linked and that nobody will hold: it logs in for that, as far as there is something to log in
   * with. Only within a change, without a connection.
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
    const unlinked = await inTurnsOf(this.#record.row.id, () =>
      logInToUnlink(this.#options.whatsapp, auth, this.#log, this.#lease.confirmed),
    );
    if (!unlinked)
      this.#log.warn("a device that is given up could not be unlinked: the phone still lists it");
    await auth.retire();
    return unlinked;
  }

  /** Forgets the linked account and everything that was learned through it. Only within a change, without a connection. */
  async wipe(): Promise<void> {
    await this.#auth?.retire();
    await this.#credentials.wipe();
    await this.#forgetLearned();
  }

  async #forgetLearned(): Promise<void> {
    for (const module of this.#modules) await module.forget?.();
  }

  /** Gives up the connection without ending it: what becomes of it is no matter of this link any more. */
  release(): Connection | undefined {
    const connection = this.#connection;
    this.#record.saveActivity(connection?.lastHeardAt);
    this.#connection = undefined;
    this.#pairing = undefined;
    this.#openedAt = undefined;
    return connection;
  }

  /** Comes to a state without a connection. @param standing what is stored, when it is not the state itself */
  rest(state: StateAtRest, standing: PersistedState = state): void {
    this.#become(state);
    this.#record.save({
      standing,
      ...(!isPaired(standing) && { jid: null, lid: null, phone_number: null, banned_until: null }),
    });
  }

  /** From now on nothing is opened and nobody waits. */
  stop(): void {
    this.#stopped = true;
    this.changes.close();
  }

  /** A paired device whose credentials cannot be read does not come back by itself, and says so. */
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
    // WhatsApp that says each time that the ban is over in a moment is asked no more often than one that cannot be reached.
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
    // Last: whoever waits for a connection looks now when it is to come.
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

  /** Runs a change that nobody waits for. */
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
