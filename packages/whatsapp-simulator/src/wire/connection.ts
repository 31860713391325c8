import { type BinaryNode, decodeBinaryNode, encodeBinaryNode } from "@whiskeysockets/baileys";
import { type RawData, WebSocket } from "ws";
import type { ClientConnection } from "./client-connection.ts";
import type { ConnectionInfo, HandshakeStep } from "./connection-info.ts";
import { FrameSplitter, frame } from "./noise/frames.ts";
import type { ClientFinish, NoiseServer } from "./noise/noise-server.ts";
import { plainStanza } from "./noise/plain-stanza.ts";
import { unsupportedVersion } from "./noise/prologue.ts";
import { Outbox } from "./outbox.ts";
import { type ClientNotSupported, ProtocolError } from "./protocol-error.ts";
import { element, SERVER_JID } from "./stanza.ts";

/** The account and the device that logged in on a connection, as far as the connection has to know them. */
export interface SessionIdentity {
  readonly account: { readonly phone: string };
  readonly device: { readonly id: number };
}

/** Decides what happens on a connection; the connection itself only carries stanzas. */
export interface ConnectionListener<Session extends SessionIdentity> {
  /** Milliseconds to wait before the hello is answered; undefined: never answer it. */
  helloDelay(): number | undefined;
  /** Milliseconds between the sending of something and its being on its way; of the handshake without a stanza. */
  latency(connection: Connection<Session>, stanza?: BinaryNode): number;
  /** What is sent in place of the server's hello. */
  helloBytes(): Uint8Array | undefined;
  /** Whether the connection is cut now that this has come. */
  isCutAt(step: HandshakeStep): boolean;
  finished(connection: Connection<Session>, finish: ClientFinish): void;
  stanza(connection: Connection<Session>, stanza: BinaryNode): Promise<void>;
  /** The client broke the protocol; the connection is about to be closed. */
  failed(connection: Connection<Session>, error: unknown): void;
  closed(connection: Connection<Session>): void;
}

/** WebSocket close codes (RFC 6455, 7.4.1), and how long the reason may be. */
const PROTOCOL_ERROR = 1002;
const INTERNAL_ERROR = 1011;
const LONGEST_REASON_BYTES = 123;
/** What WhatsApp says to clients that are too old (whatsmeow types/events ConnectFailureClientOutdated). */
const CLIENT_OUTDATED = "405";

/** One client's WebSocket: frames in, Noise, stanzas in and out. It owns its timers and stops them when it closes. */
export class Connection<Session extends SessionIdentity = SessionIdentity> implements ClientConnection {
  readonly id: number;
  /** Set once the client has logged in. */
  session: Session | undefined;
  readonly #socket: WebSocket;
  readonly #noise: NoiseServer;
  readonly #listener: ConnectionListener<Session>;
  readonly #frames = new FrameSplitter();
  readonly #outbox = new Outbox();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stage: "hello" | "finish" | "open" | "ended" = "hello";
  #work: Promise<void> = Promise.resolve();
  #nextId = 1;

  constructor(id: number, socket: WebSocket, noise: NoiseServer, listener: ConnectionListener<Session>) {
    this.id = id;
    this.#socket = socket;
    this.#noise = noise;
    this.#listener = listener;
    socket.on("message", (data) => this.enqueue(() => this.#receive(data)));
    // A socket that fails also closes; what is left to do is the same.
    socket.on("error", () => {});
    socket.on("close", () => this.#closed());
  }

  get info(): ConnectionInfo {
    return { id: this.id, phone: this.session?.account.phone, deviceId: this.session?.device.id };
  }

  /** Set when the client came with the routing info that an earlier `<edge_routing>` gave it. */
  get routingInfo(): Buffer | undefined {
    return this.#frames.routingInfo;
  }

  send(stanza: BinaryNode): void {
    if (this.#stage !== "open" || this.#socket.readyState !== WebSocket.OPEN) return;
    const bytes = frame(this.#noise.encrypt(encodeBinaryNode(stanza)));
    this.#outbox.put(this.#listener.latency(this, stanza), () => this.#socket.send(bytes));
  }

  /** Sends bytes as they are, or text, which WhatsApp never does. */
  sendBytes(bytes: Uint8Array | string): void {
    if (this.#stage === "ended" || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#outbox.put(0, () => this.#socket.send(bytes));
  }

  /** Encrypts bytes that need be no stanza. */
  sendPlaintext(plaintext: Uint8Array): void {
    if (this.#stage === "open") this.sendBytes(frame(this.#noise.encrypt(plaintext)));
  }

  /** Sends an IQ of the server's own and returns its id, by which the client's answer is known. */
  request(attrs: Record<string, string>, content: BinaryNode[]): string {
    const id = this.nextId();
    this.send(element("iq", { from: SERVER_JID, id, ...attrs }, content));
    return id;
  }

  nextId(): string {
    return `sim.${this.id}.${this.#nextId++}`;
  }

  /** Sends a last stanza and closes the WebSocket behind it, as WhatsApp does after `<stream:error>`. */
  endWith(stanza: BinaryNode): void {
    this.send(stanza);
    this.#close();
  }

  /** Cuts the TCP connection without a word. */
  drop(): void {
    this.#end();
    this.#socket.terminate();
  }

  /** Leaves the TCP connection open but answers nothing any more, except that the client closes the WebSocket. */
  goSilent(): void {
    this.#end();
  }

  /** Leaves the TCP connection open but does not even read any more, like a network that is gone. */
  unplug(): void {
    this.#end();
    this.#socket.pause();
  }

  /** Runs a task after all that arrived before it; its failure ends the connection, with the reason for the client. */
  enqueue(task: () => Promise<void> | void): void {
    this.#work = this.#work.then(task).catch((error: unknown) => {
      this.#listener.failed(this, error);
      this.#close(error);
    });
  }

  /** Runs a task later, unless the connection closes first. */
  later(milliseconds: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, milliseconds);
    this.#timers.add(timer);
  }

  async #receive(data: RawData): Promise<void> {
    const chunk = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
    for (const payload of this.#frames.push(chunk)) await this.#receiveFrame(payload);
  }

  async #receiveFrame(payload: Buffer): Promise<void> {
    switch (this.#stage) {
      case "hello": {
        if (this.#listener.isCutAt("hello")) return this.drop();
        const delay = this.#listener.helloDelay();
        if (delay === undefined) return this.goSilent();
        this.#stage = "finish";
        const answered = this.#noise.answerHello(payload, this.#frames.prologue ?? Buffer.alloc(0));
        if (answered.finish && this.#listener.isCutAt("finish")) return this.drop();
        const hello = this.#listener.helloBytes() ?? frame(answered.hello);
        this.#outbox.put(delay + this.#listener.latency(this), () => this.#socket.send(hello));
        return answered.finish && this.#finish(answered.finish);
      }
      case "finish": {
        if (this.#listener.isCutAt("finish")) return this.drop();
        return this.#finish(this.#noise.readFinish(payload));
      }
      case "open":
        return this.#listener.stanza(this, await decodeBinaryNode(this.#noise.decrypt(payload)));
      case "ended":
        return;
    }
  }

  #finish(finish: ClientFinish): void {
    this.#stage = "open";
    const unsupported = unsupportedVersion(this.#frames.prologue ?? Buffer.alloc(0));
    if (unsupported) this.#refuse(unsupported);
    else this.#listener.finished(this, finish);
  }

  /** Says no in the words of WhatsApp and in one sentence, without the dictionary. */
  #refuse(error: ClientNotSupported): void {
    const { message } = error;
    this.sendPlaintext(plainStanza("failure", { reason: CLIENT_OUTDATED, location: "sim", message }));
    this.#listener.failed(this, error);
    this.#close(error);
  }

  /** Closes the WebSocket behind what was sent. @param error whose message the client gets as the reason. */
  #close(error?: unknown): void {
    this.#stage = "ended";
    this.#outbox.put(0, () => {
      if (error === undefined) this.#socket.close();
      else
        this.#socket.close(error instanceof ProtocolError ? PROTOCOL_ERROR : INTERNAL_ERROR, reason(error));
    });
  }

  #end(): void {
    this.#stage = "ended";
    this.#outbox.clear();
  }

  #closed(): void {
    this.#end();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#listener.closed(this);
  }
}

/** As much of an error's message as fits into a WebSocket's close. */
function reason(error: unknown): string {
  const message = Buffer.from(error instanceof Error ? error.message : String(error));
  // A character that was cut in two is left out.
  return message
    .subarray(0, LONGEST_REASON_BYTES)
    .toString()
    .replace(/\uFFFD$/, "");
}
