import type { Logger } from "pino";
import { Failure } from "../../kernel/failures.ts";
import { type Collection, type FetchedCollections, fetchCollections } from "../app-state/app-state.ts";
import { AppStateRuns } from "../app-state/app-state-runs.ts";
import { fetchMissingAppState } from "../app-state/missing-app-state.ts";
import type { StoredAuth } from "../auth/stored-auth.ts";
import { baileysLogger, textOfError } from "../baileys-patches/baileys-logger.ts";
import { corkFrames } from "../baileys-patches/cork-frames.ts";
import { limitDemands } from "../baileys-patches/demands.ts";
import { notifyEnd } from "../baileys-patches/end-notices.ts";
import { guardListeners } from "../baileys-patches/guarded-listeners.ts";
import { guardRegistering } from "../baileys-patches/registration-guard.ts";
import { suppressStackTraces } from "../baileys-patches/suppress-stack-traces.ts";
import { sendBehindWrites } from "../baileys-patches/write-ahead.ts";
import {
  type AuthenticationState,
  type BinaryNode,
  Browsers,
  makeWASocket,
  type SignalKeyStore,
} from "../protocol/baileys.ts";
import { learnSendersOfTokens } from "../protocol/privacy-token.ts";
import { type Close, PasskeyRequired, readClose, statusCodeOf } from "./close-reasons.ts";
import { ConnectionEvents, type WhatsAppEvents } from "./connection-events.ts";
import { keepAlive } from "./keep-alive.ts";
import type { ProbeOptions } from "./liveness-monitor.ts";
import { limitOpenTime } from "./open-timeout.ts";
import { askForPairingCode } from "./pairing-code.ts";
import { PendingQueries, type QueryReply } from "./pending-queries.ts";

/** Where and how to connect, the same for all devices. Durations are in milliseconds. */
export interface WhatsAppOptions {
  /** `undefined` is WhatsApp's own endpoint. */
  readonly url: string | undefined;
  readonly version: readonly [number, number, number] | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly probe: ProbeOptions;
}

/** Callbacks from a connection to its device. None is called after `closed`. */
export interface ConnectionListener {
  /** A QR code can be scanned, for so long. */
  qr(text: string, lifetimeMs: number): void;
  /**
   * A phone has linked the device: there are no more codes. WhatsApp closes the connection next, and the device has to log in.
   */
  linked(): void;
  /** The account must confirm the device with a passkey: there are no more codes. The connection is about to be closed. */
  passkeyRequired(): void;
  /** The pairing code that was asked for cannot be typed any more. */
  codeExpired(): void;
  /** WhatsApp has accepted the login. */
  opened(): void;
  /** WhatsApp has sent something, whatever it was. */
  heard(at: Date): void;
  closed(close: Close): void;
}

export type { QueryReply } from "./pending-queries.ts";

/** The result of fetching app state. */
export type AppStateReply =
  | ({ readonly refused: false } & FetchedCollections)
  | { readonly refused: true; readonly code: number };

/** One connection of one device to WhatsApp. It is used once; a lost one is replaced by a new one. */
export interface Connection {
  /** When WhatsApp last sent anything, or `undefined` if it never did. */
  readonly lastHeardAt: Date | undefined;
  /** Whether WhatsApp has sent everything that happened while the device was away. */
  readonly isUpToDate: boolean;
  /**
   * Sends a stanza and waits for its answer.
   * @throws Failure WhatsAppTimeout, or DeviceNotReady when the connection ends first
   */
  query(stanza: BinaryNode, timeoutMs: number): Promise<QueryReply>;
  /**
   * Fetches collections of the app state; the listener gets their contents before this resolves.
   * @param refresh whether to fetch everything, instead of the changes
   * @throws Failure as `query`
   */
  fetchAppState(
    collections: readonly Collection[],
    refresh: boolean,
    timeoutMs: number,
  ): Promise<AppStateReply>;
  /** An id that is not in use on this connection. */
  newId(): string;
  /**
   * Asks for a code to type on the phone with this number; only while QR codes are offered.
   * @returns 8 characters
   * @throws Failure WhatsAppRateLimited, WhatsAppError, WhatsAppTimeout, WhatsAppUnreachable
   */
  requestPairingCode(phoneNumber: string): Promise<string>;
  /** Asks WhatsApp to unlink the device. @returns whether WhatsApp confirmed it in time */
  unlink(): Promise<boolean>;
  /** Ends the connection at once, without a word to WhatsApp. Nothing is stored any more. */
  abandon(): void;
  /** Ends the connection without unlinking. Resolves when it has ended and everything is stored. */
  close(): Promise<void>;
}

/** The parts that a connection is opened with. */
export interface ConnectionParts {
  readonly options: WhatsAppOptions;
  readonly auth: StoredAuth;
  readonly log: Logger;
  readonly listener: ConnectionListener;
  /** Asked before anything is sent, as `sendBehindWrites` asks it. */
  readonly confirmed: () => Promise<void> | undefined;
  /** Is called before the first event can arrive, so that subscribers miss none. */
  readonly subscribe?: ((events: WhatsAppEvents) => void) | undefined;
  /** How long each QR code is offered, in milliseconds; WhatsApp's own rhythm (60 s, then 20 s) by default. */
  readonly qrLifetimeMs?: number | undefined;
}

/** Opens a connection: logs in if `auth` is paired, else offers QR codes. */
export function openConnection({
  options,
  auth,
  log,
  listener,
  confirmed,
  subscribe,
  qrLifetimeMs,
}: ConnectionParts): Connection {
  let ended = false;
  const events = new ConnectionEvents();
  const socket = makeWASocket({
    auth: hearingOfFailures(events.hearingKeys(auth.state), (error) => cannotStore(error)),
    logger: baileysLogger(log, (data, message) => events.noted(data, message)),
    // The phone refuses names that are no common browser ("Couldn't link device").
    browser: Browsers.ubuntu("Chrome"),
    // The deadline is our own: see `limitOpening`.
    connectTimeoutMs: 0,
    // Of the questions that Baileys asks by itself, those of a login first of all; 60 s by default.
    defaultQueryTimeoutMs: options.connectTimeoutMs,
    // A write that has failed fails for ever on this connection, see stored-auth.ts. Baileys would try for half a minute.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    // Baileys' own keep-alive goes by the wall clock, looks once in an interval only, and then waits for the closing handshake
    // of a peer that is gone. Ours takes its place: as good as never is as long as a timer can be.
    keepAliveIntervalMs: 2 ** 31 - 1,
    markOnlineOnConnect: false,
    // The history that a phone sends by itself after pairing has the names and LIDs; the years before it add nothing.
    syncFullHistory: false,
    ...(options.url !== undefined && { waWebSocketUrl: options.url }),
    ...(options.version && { version: [...options.version] }),
    ...(qrLifetimeMs !== undefined && { qrTimeout: qrLifetimeMs }),
  });
  suppressStackTraces(socket.ws);
  notifyEnd(socket.ws);
  if (!auth.isPaired()) {
    guardRegistering(socket, {
      loggedInWithout: () =>
        log.warn("WhatsApp says that the device is logged in, but no phone has linked it; ignored"),
      passkeyRequired: (acknowledged) => {
        if (ended) return;
        log.warn("WhatsApp asks for a passkey before it links the account, which this server cannot give");
        listener.passkeyRequired();
        const giveUp = () => endGently(new PasskeyRequired());
        acknowledged.then(giveUp, giveUp);
      },
      codeExpired: () => {
        if (!ended) listener.codeExpired();
      },
    });
  }
  const queries = new PendingQueries(socket);
  const appStateRuns = new AppStateRuns(socket, ({ message }) =>
    log.warn({ why: message }, "WhatsApp does not come to an end with its answers; asking no more"),
  );
  const stopTaking = limitDemands(
    socket,
    (collections) => {
      socket.resyncAppState(collections, false).catch((error: unknown) => {
        if (!ended) log.warn({ why: textOfError(error) }, "app state that has changed could not be fetched");
      });
    },
    (demand) => log.warn({ demand }, "WhatsApp asks too much of this device; leaving it for later"),
  );
  const waiting = new Set<() => void>();
  let lastHeardAt: Date | undefined;
  let isUpToDate = false;
  let requested = false;
  let qrCodes = 0;
  let untilRestart: NodeJS.Timeout | undefined;
  const { promise: closed, resolve: end } = Promise.withResolvers<Close>();

  subscribe?.(events.of(socket));
  const pendingWrites = () => {
    const writes = auth.pendingWrites();
    return events.held ? Promise.all([writes, events.held]).then(() => undefined) : writes;
  };
  /** Ends the connection without waiting for the peer, which may be gone. */
  const abandon = (why?: Error) => {
    socket.end(why).catch(() => undefined);
    terminate(socket.ws);
  };
  /** Ends the connection so that what was sent before arrives. Resolves when it has ended. */
  const endGently = async (why?: Error) => {
    // A peer that is gone never answers the closing handshake; the WebSocket library would wait 30 s for it.
    const giveUpTimer = setTimeout(() => terminate(socket.ws), closeTimeoutMs);
    await socket.end(why).catch(() => undefined);
    clearTimeout(giveUpTimer);
  };
  const cannotStore = (error: unknown) => {
    if (ended) return;
    log.error({ err: error }, "what WhatsApp said could not be stored; giving the connection up");
    abandon();
  };
  sendBehindWrites(socket.ws, { pendingWrites, confirmed }, cannotStore, corkFrames(socket.ws));
  learnSendersOfTokens(socket);
  socket.ws.on("message", () => {
    lastHeardAt = new Date();
    if (!ended) listener.heard(lastHeardAt);
  });
  const stopProbing = keepAlive(socket, options.probe, abandon);
  guardListeners(
    socket.ws,
    (error) => {
      log.warn({ why: textOfError(error) }, "WhatsApp sent what cannot be read; giving the connection up");
      abandon(error instanceof Error ? error : undefined);
    },
    (error) => {
      // Once the connection has ended, nothing can be answered any more.
      if (!ended)
        log.warn({ why: textOfError(error) }, "WhatsApp sent a stanza that could not be dealt with");
    },
  );
  const stopOpening = limitOpenTime(socket.ws, options.connectTimeoutMs, abandon);
  socket.ev.on("creds.update", auth.save);
  socket.ev.on("connection.update", (update) => {
    const { connection, qr, isNewLogin, lastDisconnect, receivedPendingNotifications } = update;
    isUpToDate = receivedPendingNotifications ?? isUpToDate;
    if (isNewLogin === true && !ended) {
      listener.linked();
      untilRestart ??= setTimeout(abandon, options.connectTimeoutMs, new RestartsTooLate());
    }
    // rc14 goes on to show codes.
    if (qr !== undefined && !untilRestart) {
      const lifetimeMs = qrLifetimeMs ?? (qrCodes === 0 ? 60_000 : 20_000);
      qrCodes += 1;
      listener.qr(qr, lifetimeMs);
    }
    if (connection === "open" && auth.account()) listener.opened();
    else if (connection === "open") {
      log.error("WhatsApp has logged in a device whose account is not known; giving the connection up");
      abandon();
    }
    if (connection !== "close" || ended) return;
    ended = true;
    events.end();
    stopProbing();
    stopOpening();
    stopFetching();
    clearTimeout(untilRestart);
    stopTaking();
    const close: Close = requested
      ? { reason: "requested", code: null }
      : readClose(lastDisconnect?.error, lastHeardAt !== undefined);
    queries.end();
    for (const giveUp of waiting) giveUp();
    appStateRuns.end();
    end(close);
    listener.closed(close);
  });

  /** Waits for an answer, until WhatsApp refuses, the time is over, or the connection ends. */
  const answered = <Answer>(
    answering: Promise<Answer | undefined>,
  ): Promise<Answer | { readonly refused: true; readonly code: number }> =>
    new Promise((resolve, reject) => {
      const giveUp = () => reject(new Failure("DeviceNotReady"));
      // Between two questions Baileys would not notice that the connection has ended.
      waiting.add(giveUp);
      answering
        .then((answer) => {
          if (answer !== undefined) resolve(answer);
          else reject(new Failure("WhatsAppTimeout"));
        })
        .catch((error: unknown) => {
          const code = refusalCode(error);
          if (error instanceof Failure) reject(error);
          else if (code !== undefined) resolve({ refused: true, code });
          else if (statusCodeOf(error) === 408) reject(new Failure("WhatsAppTimeout"));
          else giveUp();
        })
        .finally(() => waiting.delete(giveUp));
    });

  const connection: Connection = {
    get lastHeardAt() {
      return lastHeardAt;
    },
    get isUpToDate() {
      return isUpToDate;
    },
    query: (stanza, timeoutMs) => queries.ask(stanza, timeoutMs),
    async fetchAppState(collections, refresh, timeoutMs) {
      if (ended) throw new Failure("DeviceNotReady");
      // Baileys has a timeout of its own for each question that it asks; this one is for all of them.
      const deadline = new AbortController();
      const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => {
        deadline.abort(new Failure("WhatsAppTimeout"));
        giveUp(undefined);
      }, timeoutMs);
      const { signal } = deadline;
      const fetching = fetchCollections(socket, appStateRuns, auth.state, collections, refresh, signal)
        .then((fetched) => ({ refused: false as const, ...fetched }))
        .catch((error: unknown) => {
          const isKnown = error instanceof Failure || refusalCode(error) !== undefined;
          throw isKnown || isOfConnection(error) ? error : new Failure("WhatsAppError", { cause: error });
        });
      return answered(Promise.race([fetching, tooLate])).finally(() => clearTimeout(timer));
    },
    newId: () => socket.generateMessageTag(),
    requestPairingCode: (phoneNumber) => askForPairingCode(socket, phoneNumber, options.timeoutMs, closed),
    async unlink() {
      const jid = auth.state.creds.me?.id;
      if (jid === undefined) return false;
      return queries.ask(removeCompanionDevice(jid), options.timeoutMs).then(
        ({ refused }) => !refused,
        // WhatsApp may end the connection instead of answering; how it ended says whether it was done.
        async () => ended && (await closed).reason === "logged_out",
      );
    },
    abandon() {
      requested = true;
      auth.retire().catch(() => undefined);
      abandon();
    },
    async close() {
      requested = true;
      if (!ended) await endGently();
      await auth.pendingWrites()?.catch(() => undefined);
    },
  };
  const stopFetching = fetchMissingAppState(socket, auth.state.keys, (collections) =>
    connection.fetchAppState(collections, false, missingAppStateTimeoutMs),
  );
  return connection;
}

const closeTimeoutMs = 1_000;

/** Long, since no request waits for this fetch, and an address book may be large. */
const missingAppStateTimeoutMs = 60_000;

/**
 * WhatsApp has linked the device, but has not asked it to come back (515). With the code that Baileys' own timeouts give, where
 * Baileys' errors have it.
 */
class RestartsTooLate extends Error {
  readonly output = { statusCode: 408 };
}

/** Keys that cannot be stored end the connection as soon as that is known: nothing that depends on them may be sent. */
function hearingOfFailures(
  state: AuthenticationState,
  onFailure: (error: unknown) => void,
): AuthenticationState {
  const set: SignalKeyStore["set"] = async (data) => {
    try {
      await state.keys.set(data);
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
  return { ...state, keys: { ...state.keys, set } };
}

/** `<iq xmlns="md"><remove-companion-device reason="user_initiated">`, as Baileys rc14's logout sends it. */
function removeCompanionDevice(jid: string): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "set", xmlns: "md" },
    content: [{ tag: "remove-companion-device", attrs: { jid, reason: "user_initiated" } }],
  };
}

/** Of what Baileys throws, what says that no answer came: in time, or because the connection has ended. */
function isOfConnection(error: unknown): boolean {
  const code = statusCodeOf(error);
  return code === 408 || code === 428;
}

/** Baileys throws the `<error>` of an IQ as a Boom whose `data` is WhatsApp's code and whose own status is 500. */
function refusalCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("data" in error)) return undefined;
  return typeof error.data === "number" ? error.data : undefined;
}

function terminate(client: object): void {
  const transport: unknown = Reflect.get(client, "socket");
  if (typeof transport !== "object" || transport === null || !("terminate" in transport)) return;
  if (typeof transport.terminate === "function") transport.terminate();
}
