import type { BinaryNode } from "@whiskeysockets/baileys";
import type { CdnFaultRules } from "../cdn/cdn-faults.ts";
import type { CollectionName } from "../model/app-state/collection.ts";
import type { ConnectionInfo, HandshakeStep } from "../wire/connection-info.ts";
import { failure, type Reply } from "../wire/iq-reply.ts";
import { element } from "../wire/stanza.ts";
import { matches, type StanzaMatcher } from "../wire/stanza-matcher.ts";
import type { AppStateFault } from "./app-state-faults.ts";
import type { CloseKind } from "./close-kinds.ts";
import type {
  Faults,
  InitialSyncPart,
  LoginRefusal,
  PictureNotificationName,
  Undo,
  UserAnswer,
} from "./faults.ts";
import type { FrameKind } from "./frame-kinds.ts";

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
  | {
      readonly type: "withhold-initial-sync";
      readonly part: InitialSyncPart;
      readonly withheld: (() => Promise<void>)[];
    }
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
    return this.#add({ type: "withhold-initial-sync", part: "app-state-key", withheld: [] });
  }

  withholdHistory(): Undo {
    return this.#add({ type: "withhold-initial-sync", part: "history", withheld: [] });
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
    for (const rule of this.#rules) this.#undo(rule);
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

  /** The fault of the answers about a collection of an account's app state. */
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

  /** Sends what waited for a device, now or when no fault withholds it any more. */
  whenOfflineIsSent(send: () => void): void {
    const rule = this.#newest((each) => each.type === "withhold-offline");
    if (rule?.type === "withhold-offline") rule.withheld.push(send);
    else send();
  }

  /** Sends a new device something, now or when no fault withholds it any more. @param send must not fail */
  async whenInitialSync(part: InitialSyncPart, send: () => Promise<void>): Promise<void> {
    const rule = this.#newest((each) => each.type === "withhold-initial-sync" && each.part === part);
    if (rule?.type === "withhold-initial-sync") rule.withheld.push(send);
    else await send();
  }

  get withholdsQrCodes(): boolean {
    return this.#newest((rule) => rule.type === "withhold-qr-codes") !== undefined;
  }

  #add(rule: Rule): Undo {
    this.#rules.add(rule);
    return () => this.#undo(rule);
  }

  #undo(rule: Rule): void {
    this.#rules.delete(rule);
    if (rule.type === "withhold-offline")
      for (const send of rule.withheld.splice(0)) this.whenOfflineIsSent(send);
    if (rule.type === "withhold-initial-sync")
      for (const send of rule.withheld.splice(0)) void this.whenInitialSync(rule.part, send);
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
