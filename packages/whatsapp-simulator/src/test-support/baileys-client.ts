import {
  type AuthenticationState,
  type BaileysEventMap,
  type BinaryNode,
  Browsers,
  type ConnectionState,
  initAuthCreds,
  makeWASocket,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from "@whiskeysockets/baileys";
import type { LinkedDevice } from "../model/accounts/linked-device.ts";
import { MemoryKeyStore } from "../model/signal/memory-key-store.ts";
import { silentLogger } from "../model/signal/silent-logger.ts";
import type { Simulator } from "../simulator.ts";

/** How Baileys says that a connection ended. */
export interface Close {
  readonly code: number | undefined;
  readonly message: string | undefined;
}

/** One unmodified Baileys socket and what it has said so far. */
export interface Client {
  readonly sock: WASocket;
  readonly auth: AuthenticationState;
  /** Settles when the socket has closed, for whatever reason. */
  readonly closed: Promise<Close>;
  /** Resolves with the first update, past or to come, that has what is looked for. */
  until<T>(look: (update: Partial<ConnectionState>) => T | undefined): Promise<T>;
  qr(): Promise<string>;
  /** Resolves when logged in; rejects when the socket closes first. */
  opened(): Promise<void>;
  /** The next message that no earlier call returned; by default one from another account. */
  nextMessage(matches?: (message: WAMessage) => boolean): Promise<WAMessage>;
  end(): Promise<void>;
}

export function newAuth(): AuthenticationState {
  return { creds: initAuthCreds(), keys: new MemoryKeyStore() };
}

/** Connects Baileys to the simulator: silent, without history sync, with nothing else changed. */
export function connect(
  simulator: Simulator,
  auth: AuthenticationState = newAuth(),
  config: Partial<UserFacingSocketConfig> = {},
): Client {
  const sock = makeWASocket({
    waWebSocketUrl: simulator.url,
    logger: silentLogger(),
    browser: Browsers.ubuntu("Chrome"),
    shouldSyncHistoryMessage: () => false,
    markOnlineOnConnect: false,
    ...config,
    auth,
  });
  const updates: Partial<ConnectionState>[] = [];
  const messages: WAMessage[] = [];
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of [...listeners]) listener();
  };
  sock.ev.on("connection.update", (update) => {
    updates.push(update);
    notify();
  });
  sock.ev.on("messages.upsert", (upsert: BaileysEventMap["messages.upsert"]) => {
    // What a phone sends to manage its devices is no message of a chat, and speaks of none.
    const isOfChat = ({ message }: WAMessage) => !message?.protocolMessage || message.protocolMessage.key;
    messages.push(...upsert.messages.filter(isOfChat));
    notify();
  });
  const until = <T>(look: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const listener = () => {
        const found = look();
        if (found === undefined) return;
        listeners.delete(listener);
        resolve(found);
      };
      listeners.add(listener);
      listener();
    });
  const untilUpdate = <T>(look: (update: Partial<ConnectionState>) => T | undefined) =>
    until(() => {
      for (const update of updates) {
        const found = look(update);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  const closed = untilUpdate((update) => (update.connection === "close" ? readClose(update) : undefined));

  return {
    sock,
    auth,
    closed,
    until: untilUpdate,
    qr: () => untilUpdate(({ qr }) => qr),
    async opened() {
      const state = await untilUpdate(({ connection }) =>
        connection === "open" || connection === "close" ? connection : undefined,
      );
      if (state === "close") throw new Error(`closed before open: ${JSON.stringify(await closed)}`);
    },
    nextMessage: (matches = ({ key }) => key.fromMe !== true) =>
      until(() => {
        const index = messages.findIndex(matches);
        return index < 0 ? undefined : messages.splice(index, 1)[0];
      }),
    async end() {
      await sock.end(undefined);
    },
  };
}

/** Pairs by QR code and logs in. */
export async function pairAndLogIn(
  simulator: Simulator,
  phone: string,
  config: Partial<UserFacingSocketConfig> = {},
): Promise<Client & { readonly device: LinkedDevice }> {
  const pairing = connect(simulator, newAuth(), config);
  const device = await simulator.account(phone).scanQr(await pairing.qr());
  await pairing.closed;
  const client = connect(simulator, pairing.auth, config);
  await client.opened();
  return { ...client, device };
}

/** Sends a picture query as whatsmeow does and returns the answer, or the code of its error. */
export async function queryPicture(
  sock: WASocket,
  target: string,
  attrs: Record<string, string> = {},
  timeoutMs = 2_000,
): Promise<BinaryNode | { readonly code: unknown }> {
  const picture = { tag: "picture", attrs: { query: "url", type: "image", ...attrs } };
  return ask(
    sock,
    { to: "@s.whatsapp.net", type: "get", xmlns: "w:profile:picture", target },
    [picture],
    timeoutMs,
  );
}

/** The answer of an IQ, or the code of its error: WhatsApp's own, else Baileys' (408: no answer). */
export async function ask(
  sock: WASocket,
  attrs: Record<string, string>,
  content: BinaryNode[],
  timeoutMs = 2_000,
): Promise<BinaryNode | { readonly code: unknown }> {
  try {
    return await sock.query({ tag: "iq", attrs, content }, timeoutMs);
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function codeOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  const own: unknown = Reflect.get(error, "data");
  return typeof own === "number" ? own : statusCodeOf(error);
}

function statusCodeOf(error: object): number | undefined {
  const output: unknown = Reflect.get(error, "output");
  if (typeof output !== "object" || output === null) return undefined;
  const code: unknown = Reflect.get(output, "statusCode");
  return typeof code === "number" ? code : undefined;
}

function readClose({ lastDisconnect }: Partial<ConnectionState>): Close {
  const error = lastDisconnect?.error;
  return { code: error && statusCodeOf(error), message: error?.message };
}
