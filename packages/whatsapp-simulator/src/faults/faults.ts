import type { BinaryNode } from "@whiskeysockets/baileys";
import type { CdnFaultRules, CdnFaults } from "../cdn/cdn-faults.ts";
import type { CollectionName } from "../model/app-state/collection.ts";
import type { ConnectionInfo, HandshakeStep } from "../wire/connection-info.ts";
import { failure, type Reply } from "../wire/iq-reply.ts";
import { element } from "../wire/stanza.ts";
import { matches, type StanzaMatcher } from "../wire/stanza-matcher.ts";
import type { AppStateFault } from "./app-state-faults.ts";
import type { CloseKind } from "./close-kinds.ts";
import type { FrameKind } from "./frame-kinds.ts";

/** Takes back one fault; more than once does nothing. */
export type Undo = () => void;

/** `<failure reason>` of a refused login: logged out, forbidden or banned, client too old, unavailable. */
export type LoginRefusal = 401 | 403 | 405 | 503 | (number & {});

/** What a phone sends a new device: the key to the app state, and the chats. */
export type Welcome = "app-state-key" | "history";

/**
 * How usync answers about one account: not at all, as if nobody had the number, or with the code of an error. WhatsApp leaves the
 * account that asks out.
 */
export type UserAnswer = "missing" | "out" | number;

/** How a notification names whose picture it is about. */
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
   * @param content of the result; by default one element of a name that nobody knows.
   */
  malformed(matching: StanzaMatcher, content?: BinaryNode[]): Undo;
  /**
   * Answers questions about the app state badly, see {@link AppStateFault}.
   * @param of whom and what; everybody and everything by default.
   */
  appState(
    fault: AppStateFault,
    of?: { readonly phone?: string; readonly collection?: CollectionName },
  ): Undo;
  /**
   * Sends a stanza to whoever has sent one that matches, behind the answer: a client that does something for what it is
   * sent may go on for ever.
   * @param stanza is given an id of its own each time, unless it has one.
   */
  followUp(matching: StanzaMatcher, stanza: BinaryNode): Undo;
  /**
   * Refuses logins with `<failure reason>`; of one account, or of all. Open connections stay.
   * @param attributes further ones of `<failure>`, as `{ code: "101", expire: "3600" }` of a temporary ban, 402.
   */
  refuseLogin(reason: LoginRefusal, phone?: string, attributes?: Readonly<Record<string, string>>): Undo;
  /** Refuses clients that come to be paired, e.g. 405: the version is too old. */
  refusePairing(reason: LoginRefusal): Undo;
  /** Clients that come to be paired are let in, but never offered a QR code. */
  withholdQrCodes(): Undo;
  /** Devices that are linked are not told to reconnect (515). */
  withholdRestart(): Undo;
  /** New devices must be confirmed with a passkey, of one account, or of all: the client is asked for it, and not linked. */
  requirePasskey(phone?: string): Undo;
  /** Answers usync questions about an account in another way. */
  answerUser(phone: string, answer: UserAnswer): Undo;
  /** Logins are accepted, but what waited for the device comes when this is taken back, and `<ib><offline/></ib>` behind it. */
  withholdOffline(): Undo;
  /** The phone sends new devices no app-state key; those that it should have got it get it when this is taken back. */
  withholdAppStateKey(): Undo;
  /** The same of the history. */
  withholdHistory(): Undo;
  /** Notifications of people's pictures name them by their LID, or by a hash that nobody can read. */
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
   * Sends a stanza as it is, whatever is wrong with it, to an account's devices.
   * @returns to how many.
   */
  sendStanza(phone: string, stanza: BinaryNode, deviceId?: number): number;
  /** Sends what is no stanza to every client, those that are pairing too. @returns to how many. */
  sendFrameToAll(kind: FrameKind): number;
  /** Sends a stanza as it is to every client, those that are pairing too. @returns to how many. */
  sendStanzaToAll(stanza: BinaryNode): number;
  /** Of the HTTP server for pictures and encrypted blobs. */
  readonly cdn: CdnFaults;
  /** Takes back every fault, the CDN's too. Connections that were closed or went silent stay so. */
  reset(): void;
}

type Rule =
  | { readonly type: "latency"; readonly milliseconds: number; readonly matching: StanzaMatcher | undefined }
  | { readonly type: "silence"; readonly matching: StanzaMatcher | undefined }
  | { readonly type: "answer"; readonly reply: Reply; readonly matching: StanzaMatcher }
  | {
      readonly type: "app-state";
      readonly fault: AppStateFault;
      readonly phone: string | undefined;
      readonly collection: CollectionName | undefined;
    }
  | { readonly type: "follow-up"; readonly stanza: BinaryNode; readonly matching: StanzaMatcher }
  | { readonly type: "login"; readonly refusal: RefusedLogin; readonly phone: string | undefined }
  | { readonly type: "pairing"; readonly reason: number }
  | { readonly type: "withhold-qr-codes" }
  | { readonly type: "withhold-restart" }
  | { readonly type: "passkey"; readonly phone: string | undefined }
  | { readonly type: "user"; readonly phone: string; readonly answer: UserAnswer }
  | { readonly type: "withhold-offline"; readonly withheld: (() => void)[] }
  | { readonly type: "withhold-welcome"; readonly what: Welcome; readonly withheld: (() => Promise<void>)[] }
  | { readonly type: "picture-notifications"; readonly by: PictureNotificationName }
  | { readonly type: "mute-handshake" }
  | { readonly type: "cut"; readonly matching: StanzaMatcher }
  | { readonly type: "cut-handshake"; readonly at: HandshakeStep }
  | { readonly type: "garble-handshake"; readonly bytes: Uint8Array }
  | { readonly type: "wrong-clock"; readonly milliseconds: number };

/** A `<failure>` at login. */
export interface RefusedLogin {
  readonly reason: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What faults do to connections: to all of them, or those of one account, or of one device of it. */
export interface Connections {
  close(kind: CloseKind, phone?: string, deviceId?: number): number;
  sendFrame(kind: FrameKind, phone?: string, deviceId?: number): number;
  sendStanza(stanza: BinaryNode, phone?: string, deviceId?: number): number;
}

/** The faults in force, newest first where only one can win. */
export class FaultRules implements Faults {
  readonly cdn: CdnFaultRules;
  readonly #rules = new Set<Rule>();
  readonly #connections: Connections;

  constructor(connections: Connections, cdn: CdnFaultRules) {
    this.#connections = connections;
    this.cdn = cdn;
  }

  latency(milliseconds: number, matching?: StanzaMatcher): Undo {
    return this.#add({ type: "latency", milliseconds, matching });
  }

  silence(matching?: StanzaMatcher): Undo {
    return this.#add({ type: "silence", matching });
  }

  answerError(matching: StanzaMatcher, code: number, text = errorText(code)): Undo {
    return this.#add({ type: "answer", matching, reply: failure(code, text) });
  }

  malformed(matching: StanzaMatcher, content: BinaryNode[] = [element("not-understood")]): Undo {
    return this.#add({ type: "answer", matching, reply: { type: "result", content } });
  }

  appState(fault: AppStateFault, of: { phone?: string; collection?: CollectionName } = {}): Undo {
    return this.#add({ type: "app-state", fault, phone: of.phone, collection: of.collection });
  }

  followUp(matching: StanzaMatcher, stanza: BinaryNode): Undo {
    return this.#add({ type: "follow-up", matching, stanza });
  }

  refuseLogin(reason: LoginRefusal, phone?: string, attributes: Readonly<Record<string, string>> = {}): Undo {
    return this.#add({ type: "login", refusal: { reason, attributes }, phone });
  }

  refusePairing(reason: LoginRefusal): Undo {
    return this.#add({ type: "pairing", reason });
  }

  withholdQrCodes(): Undo {
    return this.#add({ type: "withhold-qr-codes" });
  }

  withholdRestart(): Undo {
    return this.#add({ type: "withhold-restart" });
  }

  requirePasskey(phone?: string): Undo {
    return this.#add({ type: "passkey", phone });
  }

  answerUser(phone: string, answer: UserAnswer): Undo {
    return this.#add({ type: "user", phone, answer });
  }

  withholdOffline(): Undo {
    return this.#add({ type: "withhold-offline", withheld: [] });
  }

  withholdAppStateKey(): Undo {
    return this.#add({ type: "withhold-welcome", what: "app-state-key", withheld: [] });
  }

  withholdHistory(): Undo {
    return this.#add({ type: "withhold-welcome", what: "history", withheld: [] });
  }

  namePictureNotifications(by: PictureNotificationName): Undo {
    return this.#add({ type: "picture-notifications", by });
  }

  muteHandshake(): Undo {
    return this.#add({ type: "mute-handshake" });
  }

  cut(matching: StanzaMatcher): Undo {
    return this.#add({ type: "cut", matching });
  }

  cutHandshake(at: HandshakeStep): Undo {
    return this.#add({ type: "cut-handshake", at });
  }

  garbleHandshake(bytes: Uint8Array = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")): Undo {
    return this.#add({ type: "garble-handshake", bytes });
  }

  wrongClock(milliseconds: number): Undo {
    return this.#add({ type: "wrong-clock", milliseconds });
  }

  close(phone: string, kind: CloseKind, deviceId?: number): number {
    return this.#connections.close(kind, phone, deviceId);
  }

  closeAll(kind: CloseKind): number {
    return this.#connections.close(kind);
  }

  sendFrame(phone: string, kind: FrameKind, deviceId?: number): number {
    return this.#connections.sendFrame(kind, phone, deviceId);
  }

  sendStanza(phone: string, stanza: BinaryNode, deviceId?: number): number {
    return this.#connections.sendStanza(stanza, phone, deviceId);
  }

  sendFrameToAll(kind: FrameKind): number {
    return this.#connections.sendFrame(kind);
  }

  sendStanzaToAll(stanza: BinaryNode): number {
    return this.#connections.sendStanza(stanza);
  }

  reset(): void {
    for (const rule of this.#rules) this.#takeBack(rule);
    this.cdn.reset();
  }

  /** Milliseconds before the Noise hello is answered; undefined: never. */
  helloDelay(): number | undefined {
    if (this.#newest((rule) => rule.type === "mute-handshake")) return undefined;
    return this.#latency((matching) => matching === undefined);
  }

  /** What is sent in place of the Noise hello's answer. */
  helloBytes(): Uint8Array | undefined {
    const rule = this.#newest((each) => each.type === "garble-handshake");
    return rule?.type === "garble-handshake" ? rule.bytes : undefined;
  }

  isCutAt(step: HandshakeStep): boolean {
    return this.#newest((rule) => rule.type === "cut-handshake" && rule.at === step) !== undefined;
  }

  isCut(stanza: BinaryNode, connection: ConnectionInfo): boolean {
    return [...this.#rules].some((rule) => rule.type === "cut" && matches(rule.matching, stanza, connection));
  }

  /** Milliseconds that HTTP answers are dated ahead. */
  clockAhead(): number {
    return [...this.#rules].reduce(
      (sum, rule) => sum + (rule.type === "wrong-clock" ? rule.milliseconds : 0),
      0,
    );
  }

  isSilenced(stanza: BinaryNode, connection: ConnectionInfo): boolean {
    return [...this.#rules].some(
      (rule) => rule.type === "silence" && applies(rule.matching, stanza, connection),
    );
  }

  delayOf(stanza: BinaryNode, connection: ConnectionInfo): number {
    return this.#latency((matching) => applies(matching, stanza, connection));
  }

  /** The answer that a fault gives in place of the handler. */
  replyTo(stanza: BinaryNode, connection: ConnectionInfo): Reply | undefined {
    const rule = this.#newest((each) => each.type === "answer" && matches(each.matching, stanza, connection));
    return rule?.type === "answer" ? rule.reply : undefined;
  }

  /** How a collection of an account's app state is told badly. */
  appStateFault(phone: string, collection: string): AppStateFault | undefined {
    const rule = this.#newest(
      (each) =>
        each.type === "app-state" &&
        (each.phone === undefined || each.phone === phone) &&
        (each.collection === undefined || each.collection === collection),
    );
    return rule?.type === "app-state" ? rule.fault : undefined;
  }

  /** What is sent behind the answer to a stanza. */
  followUpsOf(stanza: BinaryNode, connection: ConnectionInfo): BinaryNode[] {
    return [...this.#rules].flatMap((rule) =>
      rule.type === "follow-up" && matches(rule.matching, stanza, connection) ? [rule.stanza] : [],
    );
  }

  loginRefusal(phone: string): RefusedLogin | undefined {
    const rule = this.#newest((each) => each.type === "login" && isAbout(each, phone));
    return rule?.type === "login" ? rule.refusal : undefined;
  }

  requiresPasskey(phone: string): boolean {
    return this.#newest((each) => each.type === "passkey" && isAbout(each, phone)) !== undefined;
  }

  get withholdsRestart(): boolean {
    return this.#newest((rule) => rule.type === "withhold-restart") !== undefined;
  }

  userAnswer(phone: string): UserAnswer | undefined {
    const rule = this.#newest((each) => each.type === "user" && each.phone === phone);
    return rule?.type === "user" ? rule.answer : undefined;
  }

  pairingRefusal(): number | undefined {
    const rule = this.#newest((each) => each.type === "pairing");
    return rule?.type === "pairing" ? rule.reason : undefined;
  }

  get pictureNotificationName(): PictureNotificationName {
    const rule = this.#newest((each) => each.type === "picture-notifications");
    return rule?.type === "picture-notifications" ? rule.by : "jid";
  }

  /** Sends what waited for a device, now or when nothing withholds it any more. */
  whenOfflineIsSent(send: () => void): void {
    const rule = this.#newest((each) => each.type === "withhold-offline");
    if (rule?.type === "withhold-offline") rule.withheld.push(send);
    else send();
  }

  /** Sends a new device something, now or when nothing withholds it any more. @param send must not fail */
  async whenWelcomed(what: Welcome, send: () => Promise<void>): Promise<void> {
    const rule = this.#newest((each) => each.type === "withhold-welcome" && each.what === what);
    if (rule?.type === "withhold-welcome") rule.withheld.push(send);
    else await send();
  }

  get withholdsQrCodes(): boolean {
    return this.#newest((rule) => rule.type === "withhold-qr-codes") !== undefined;
  }

  #add(rule: Rule): Undo {
    this.#rules.add(rule);
    return () => this.#takeBack(rule);
  }

  #takeBack(rule: Rule): void {
    this.#rules.delete(rule);
    if (rule.type === "withhold-offline")
      for (const send of rule.withheld.splice(0)) this.whenOfflineIsSent(send);
    if (rule.type === "withhold-welcome")
      for (const send of rule.withheld.splice(0)) void this.whenWelcomed(rule.what, send);
  }

  #newest(predicate: (rule: Rule) => boolean): Rule | undefined {
    return [...this.#rules].findLast(predicate);
  }

  #latency(predicate: (matching: StanzaMatcher | undefined) => boolean): number {
    let sum = 0;
    for (const rule of this.#rules)
      if (rule.type === "latency" && predicate(rule.matching)) sum += rule.milliseconds;
    return sum;
  }
}

function isAbout(rule: { readonly phone: string | undefined }, phone: string): boolean {
  return rule.phone === undefined || rule.phone === phone;
}

function applies(
  matching: StanzaMatcher | undefined,
  stanza: BinaryNode,
  connection: ConnectionInfo,
): boolean {
  return matching === undefined || matches(matching, stanza, connection);
}

/** WhatsApp's texts for the codes that the sources name (whatsmeow request.go). */
function errorText(code: number): string {
  const texts: Record<number, string> = {
    400: "bad-request",
    401: "not-authorized",
    403: "forbidden",
    404: "item-not-found",
    405: "not-allowed",
    406: "not-acceptable",
    410: "gone",
    429: "rate-overlimit",
    500: "internal-server-error",
    503: "service-unavailable",
  };
  return texts[code] ?? "error";
}
