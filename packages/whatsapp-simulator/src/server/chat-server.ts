import { createServer, type Server } from "node:http";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { WebSocketServer } from "ws";
import { CLOSE_KINDS, type CloseKind } from "../faults/close-kinds.ts";
import { FRAME_KINDS, type FrameKind } from "../faults/frame-kinds.ts";
import type { Session } from "../model/accounts/session.ts";
import { Connection, type ConnectionListener } from "../wire/connection.ts";
import type { HandshakeStep, Latency } from "../wire/connection-info.ts";
import { listen } from "../wire/listen.ts";
import type { NoiseIdentity } from "../wire/noise/certificates.ts";
import { type ClientFinish, NoiseServer } from "../wire/noise/noise-server.ts";
import { StanzaCounts } from "../wire/stanza-counts.ts";
import type { Client } from "./client.ts";
import { greet, type LoginOptions } from "./login.ts";
import type { ServerContext } from "./server-context.ts";
import { dispatch } from "./stanzas/dispatch.ts";

const PATH = "/ws/chat";
/** More than any stanza of Baileys'; 812 pre-keys are about 60 kB. */
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

export interface ChatOptions extends LoginOptions {
  readonly latency: Latency;
}

/** The WebSocket that clients connect to, and what is done with each stanza before it is handled. */
export class ChatServer implements ConnectionListener<Session> {
  readonly received = new StanzaCounts();
  readonly #context: ServerContext;
  readonly #identity: NoiseIdentity;
  readonly #options: ChatOptions;
  readonly #connections = new Set<Client>();
  readonly #http: Server = createServer((_request, response) =>
    response.writeHead(426, { Date: this.#date() }).end(),
  );
  readonly #sockets: WebSocketServer;
  #connected = 0;

  constructor(context: ServerContext, identity: NoiseIdentity, options: ChatOptions) {
    this.#context = context;
    this.#identity = identity;
    this.#options = options;
    this.#sockets = new WebSocketServer({
      server: this.#http,
      path: PATH,
      maxPayload: LARGEST_MESSAGE_BYTES,
    });
    this.#sockets.on("connection", (socket) => {
      const noise = new NoiseServer(this.#identity);
      this.#connections.add(new Connection<Session>(++this.#connected, socket, noise, this));
    });
    this.#sockets.on("headers", (headers) => headers.push(`Date: ${this.#date()}`));
    // The HTTP server's errors come here too; {@link start} reports them.
    this.#sockets.on("error", () => {});
  }

  /** @returns the URL for Baileys' `waWebSocketUrl`. Fails with Node's error, e.g. EADDRINUSE. */
  async start(port: number): Promise<string> {
    return `ws://127.0.0.1:${await listen(this.#http, port)}${PATH}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }

  close(kind: CloseKind, phone?: string, deviceId?: number): number {
    const chosen = this.#choose(phone, deviceId);
    for (const connection of chosen) {
      const { session } = connection;
      const isRemoved = kind === "removed" || kind === "removed-without-code";
      if (isRemoved && session)
        this.#context.changes.unlink(session.account, session.device, CLOSE_KINDS[kind]);
      else CLOSE_KINDS[kind](connection);
    }
    return chosen.length;
  }

  sendFrame(kind: FrameKind, phone?: string, deviceId?: number): number {
    const chosen = this.#choose(phone, deviceId);
    for (const connection of chosen) FRAME_KINDS[kind](connection);
    return chosen.length;
  }

  sendStanza(stanza: BinaryNode, phone?: string, deviceId?: number): number {
    const chosen = this.#choose(phone, deviceId);
    for (const connection of chosen) connection.send(stanza);
    return chosen.length;
  }

  helloDelay(): number | undefined {
    return this.#context.faults.helloDelay();
  }

  helloBytes(): Uint8Array | undefined {
    return this.#context.faults.helloBytes();
  }

  latency(connection: Client, stanza?: BinaryNode): number {
    const { latency } = this.#options;
    if (typeof latency === "number") return latency;
    return stanza ? latency(stanza, connection.info) : 0;
  }

  isCutAt(step: HandshakeStep): boolean {
    return this.#context.faults.isCutAt(step);
  }

  finished(connection: Client, finish: ClientFinish): void {
    greet(connection, finish, this.#context, this.#options);
  }

  async stanza(connection: Client, stanza: BinaryNode): Promise<void> {
    const { events, faults } = this.#context;
    const { info } = connection;
    this.received.add(stanza);
    events.emit("stanza", { stanza, connection: info });
    if (faults.isCut(stanza, info)) return connection.drop();
    if (faults.isSilenced(stanza, info)) return;
    const delay = faults.delayOf(stanza, info);
    const handle = async () => {
      await dispatch(connection, stanza, this.#context);
      for (const { attrs, ...followUp } of faults.followUpsOf(stanza, info))
        connection.send({ ...followUp, attrs: { id: connection.nextId(), ...attrs } });
    };
    if (delay > 0) connection.later(delay, () => connection.enqueue(handle));
    else await handle();
  }

  failed(_connection: Client, error: unknown): void {
    this.#context.events.report(error);
  }

  closed(connection: Client): void {
    this.#connections.delete(connection);
    this.#context.qrPairings.close(connection);
    this.#context.codePairings.close(connection);
    this.#context.pairSuccess.forget(connection);
    const { session } = connection;
    if (session?.device.connection === connection) {
      session.device.connection = undefined;
      session.account.presence.set(session.device, false);
    }
    this.#context.events.emit("disconnected", connection.info);
  }

  #choose(phone?: string, deviceId?: number): Client[] {
    return [...this.#connections].filter(
      ({ info }) =>
        (phone === undefined || info.phone === phone) &&
        (deviceId === undefined || info.deviceId === deviceId),
    );
  }

  #date(): string {
    return new Date(Date.now() + this.#context.faults.clockAhead()).toUTCString();
  }
}
