import type { BinaryNode } from "@whiskeysockets/baileys";
import type { CdnFaults } from "../cdn/cdn-faults.ts";
import type { CollectionName } from "../model/app-state/collection.ts";
import type { HandshakeStep } from "../wire/connection-info.ts";
import type { StanzaMatcher } from "../wire/stanza-matcher.ts";
import type { AppStateFault } from "./app-state-faults.ts";
import type { CloseKind } from "./close-kinds.ts";
import type { FrameKind } from "./frame-kinds.ts";

/** Undoes one fault; more than once does nothing. */
export type Undo = () => void;

/** `<failure reason>` of a refused login: logged out, forbidden or banned, client too old, unavailable. */
export type LoginRefusal = 401 | 403 | 405 | 503 | (number & {});

/** The parts of what a phone sends a new device: the key to the app state, and the chats. */
export type InitialSyncPart = "app-state-key" | "history";

/**
 * How usync answers about one account: not at all, as if no account had the number, or with the code of an error.
 * WhatsApp leaves out the account that asks.
 */
export type UserAnswer = "missing" | "out" | number;

/** How a notification identifies the account whose picture has changed. */
export type PictureNotificationName = "jid" | "lid" | "hash";

/** Makes WhatsApp misbehave. Every fault lasts until it is undone or {@link Faults.reset}. */
export interface Faults {
  /**
   * Delays answers; several faults add up. Answers only: what the server sends on its own stays prompt.
   * @param milliseconds from the arrival of the question.
   * @param matching all stanzas and the handshake by default.
   */
  latency(milliseconds: number, matching?: StanzaMatcher): Undo;
  /** Swallows stanzas, all by default: nothing happens and nothing is answered. */
  silence(matching?: StanzaMatcher): Undo;
  /** Answers matching IQs with an error instead of handling them, e.g. `(…, 429, "rate-overlimit")`. */
  answerError(matching: StanzaMatcher, code: number, text?: string): Undo;
  /**
   * Answers matching IQs with a result that cannot be understood.
   * @param content of the result; by default one element with an unknown name.
   */
  malformed(matching: StanzaMatcher, content?: BinaryNode[]): Undo;
  /**
   * Answers questions about the app state badly, see {@link AppStateFault}.
   * @param which account and collection; all of them by default.
   */
  appState(
    fault: AppStateFault,
    of?: { readonly phone?: string; readonly collection?: CollectionName },
  ): Undo;
  /**
   * Sends a stanza to each client that has sent one that matches, behind the answer: a client that reacts to it
   * with such a stanza goes on for ever.
   * @param stanza is given an id of its own each time, unless it has one.
   */
  followUp(matching: StanzaMatcher, stanza: BinaryNode): Undo;
  /**
   * Refuses logins with `<failure reason>`; of one account, or of all. Open connections stay.
   * @param attributes further ones of `<failure>`, as `{ code: "101", expire: "3600" }` of a temporary ban, 402.
   */
  refuseLogin(reason: LoginRefusal, phone?: string, attributes?: Readonly<Record<string, string>>): Undo;
  /** Refuses clients that want to be paired, e.g. 405: the version is too old. */
  refusePairing(reason: LoginRefusal): Undo;
  /** Clients that want to be paired are let in, but never offered a QR code. */
  withholdQrCodes(): Undo;
  /** Devices that are linked are not asked to reconnect (515). */
  withholdRestart(): Undo;
  /** New devices must be confirmed with a passkey, of one account, or of all: the client is asked for it, and not linked. */
  requirePasskey(phone?: string): Undo;
  /** Answers usync questions about an account in another way. */
  answerUser(phone: string, answer: UserAnswer): Undo;
  /** Logins are accepted, but what waited for the device comes when this is undone, and `<ib><offline/></ib>` behind it. */
  withholdOffline(): Undo;
  /** The phone sends new devices no app-state key; those that should have got it get it when this is undone. */
  withholdAppStateKey(): Undo;
  /** The same of the history. */
  withholdHistory(): Undo;
  /** Notifications of an account's picture identify the account by its LID, or by a hash that clients cannot read. */
  namePictureNotifications(by: PictureNotificationName): Undo;
  /** TCP and WebSocket accept, but the Noise hello is never answered. */
  muteHandshake(): Undo;
  /** Cuts the TCP connection, without a word, when a stanza comes that matches; the stanza comes to nothing. */
  cut(matching: StanzaMatcher): Undo;
  /** The same when a client's hello or finish has come, before there are stanzas. */
  cutHandshake(at: HandshakeStep): Undo;
  /** Answers the Noise hello with these bytes as they are, by default some that are no frame. */
  garbleHandshake(bytes?: Uint8Array): Undo;
  /**
   * The WebSocket's HTTP answers are dated wrongly; several faults add up. Nothing else of the simulator's time changes.
   * @param milliseconds that the clock is ahead; negative ones are behind.
   */
  wrongClock(milliseconds: number): Undo;
  /**
   * Ends the connections of an account's devices.
   * @returns how many there were.
   */
  close(phone: string, kind: CloseKind, deviceId?: number): number;
  /** Ends every connection, those that are pairing too. @returns how many there were. */
  closeAll(kind: CloseKind): number;
  /**
   * Sends what is no stanza, see {@link FrameKind}, to an account's devices.
   * @returns to how many.
   */
  sendFrame(phone: string, kind: FrameKind, deviceId?: number): number;
  /**
   * Sends a stanza as it is, valid or not, to an account's devices.
   * @returns to how many.
   */
  sendStanza(phone: string, stanza: BinaryNode, deviceId?: number): number;
  /** Sends what is no stanza to every client, those that are pairing too. @returns to how many. */
  sendFrameToAll(kind: FrameKind): number;
  /** Sends a stanza as it is to every client, those that are pairing too. @returns to how many. */
  sendStanzaToAll(stanza: BinaryNode): number;
  /** Of the HTTP server for pictures and encrypted blobs. */
  readonly cdn: CdnFaults;
  /** Undoes every fault, the CDN's too. Connections that were closed or went silent stay so. */
  reset(): void;
}
