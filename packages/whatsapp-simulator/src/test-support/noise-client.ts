import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { once } from "node:events";
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, proto } from "@whiskeysockets/baileys";
import { type RawData, WebSocket } from "ws";
import type { Simulator } from "../simulator.ts";
import { FrameSplitter, frame } from "../wire/noise/frames.ts";
import { connect } from "./baileys-client.ts";

const PROLOGUE = Buffer.from([0x57, 0x41, 6, 3]);
const NOTHING = Buffer.alloc(0);
const TAG_BYTES = 16;
/** What stands before a raw X25519 key in DER (RFC 8410). */
const PRIVATE_HEADER = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_HEADER = Buffer.from("302a300506032b656e032100", "hex");

/** A key pair as Baileys keeps it: 32 bytes each. */
export interface RawKeyPair {
  readonly public: Uint8Array;
  readonly private: Uint8Array;
}

/** Who logs in. */
export interface NoiseLogin {
  readonly key: RawKeyPair;
  readonly payload: proto.IClientPayload;
}

/** How a handshake ended. */
export interface NoiseResult {
  readonly pattern: "XX" | "IK" | "XXfallback";
  readonly serverKey: Buffer;
  readonly certificate: proto.CertChain;
}

/**
 * A client written from the Noise specification with Node's own cryptography, so that it agrees with the simulator on
 * nothing but the protocol. It speaks IK where it is given a server's key, and goes on as the server answers.
 */
export class NoiseClient {
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;
  readonly #frames: Buffer[] = [];
  readonly #waiting: (() => void)[] = [];
  #ended = false;
  #asked = 0;
  #keys: { readonly write: TransportKey; readonly read: TransportKey } | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    // Frames of a server have no intro in front; one is given to the splitter, which wants to see it.
    const splitter = new FrameSplitter();
    splitter.push(PROLOGUE);
    socket.on("message", (data: RawData) => {
      const chunk = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
      this.#frames.push(...splitter.push(chunk));
      this.#wake();
    });
    this.closed = once(socket, "close").then(([code, reason]) => {
      this.#ended = true;
      this.#wake();
      return { code: Number(code), reason: String(reason) };
    });
  }

  static async connect(url: string): Promise<NoiseClient> {
    const socket = new WebSocket(url);
    await once(socket, "open");
    return new NoiseClient(socket);
  }

  /**
   * @param knownKey of the server, from an earlier connection; without it the handshake is XX.
   * @param prologue of another version.
   */
  async handshake(
    login: NoiseLogin,
    knownKey?: Uint8Array,
    prologue: Buffer = PROLOGUE,
  ): Promise<NoiseResult> {
    const ephemeral = newKeyPair();
    const payload = proto.ClientPayload.encode(login.payload).finish();
    const early = knownKey && new SymmetricState("Noise_IK_25519_AESGCM_SHA256", prologue);
    const hello: proto.HandshakeMessage.IClientHello = { ephemeral: ephemeral.public };
    if (early) {
      early.mixHash(knownKey);
      early.mixHash(ephemeral.public);
      early.mixKey(sharedKey(ephemeral.private, knownKey));
      hello.static = early.encrypt(login.key.public);
      early.mixKey(sharedKey(login.key.private, knownKey));
      hello.payload = early.encrypt(payload);
    }
    this.#socket.send(
      Buffer.concat([prologue, frame(proto.HandshakeMessage.encode({ clientHello: hello }).finish())]),
    );
    const { serverHello } = proto.HandshakeMessage.decode(await this.#nextFrame());
    if (!serverHello?.ephemeral || !serverHello.payload)
      throw new Error("the server's hello says too little");
    if (early && !serverHello.static?.length) {
      early.mixHash(serverHello.ephemeral);
      early.mixKey(sharedKey(ephemeral.private, serverHello.ephemeral));
      early.mixKey(sharedKey(login.key.private, serverHello.ephemeral));
      const certificate = proto.CertChain.decode(early.decrypt(serverHello.payload));
      this.#keys = early.split();
      return { pattern: "IK", serverKey: Buffer.from(knownKey), certificate };
    }
    const pattern = early ? "XXfallback" : "XX";
    const state = new SymmetricState(`Noise_${pattern}_25519_AESGCM_SHA256`, prologue);
    state.mixHash(ephemeral.public);
    state.mixHash(serverHello.ephemeral);
    state.mixKey(sharedKey(ephemeral.private, serverHello.ephemeral));
    const serverKey = state.decrypt(serverHello.static ?? NOTHING);
    state.mixKey(sharedKey(ephemeral.private, serverKey));
    const certificate = proto.CertChain.decode(state.decrypt(serverHello.payload));
    const encryptedKey = state.encrypt(login.key.public);
    state.mixKey(sharedKey(login.key.private, serverHello.ephemeral));
    const clientFinish = { static: encryptedKey, payload: state.encrypt(payload) };
    this.#socket.send(frame(proto.HandshakeMessage.encode({ clientFinish }).finish()));
    this.#keys = state.split();
    return { pattern, serverKey, certificate };
  }

  send(stanza: BinaryNode): void {
    if (!this.#keys) throw new Error("there was no handshake");
    this.#socket.send(frame(this.#keys.write.encrypt(encodeBinaryNode(stanza))));
  }

  /** What comes next, decrypted, as a stanza's bytes. */
  async nextPlaintext(): Promise<Buffer> {
    if (!this.#keys) throw new Error("there was no handshake");
    return this.#keys.read.decrypt(await this.#nextFrame());
  }

  /** The next stanza that matches; others before it are passed over. */
  async nextStanza(matches: (stanza: BinaryNode) => boolean = () => true): Promise<BinaryNode> {
    for (;;) {
      const stanza = await decodeBinaryNode(await this.nextPlaintext());
      if (matches(stanza)) return stanza;
    }
  }

  /** Sends a question and returns its answer. */
  async ask(attrs: Record<string, string>, content: BinaryNode[] = []): Promise<BinaryNode> {
    const id = String(++this.#asked);
    this.send({ tag: "iq", attrs: { to: "@s.whatsapp.net", ...attrs, id }, content });
    return this.nextStanza((stanza) => stanza.tag === "iq" && stanza.attrs.id === id);
  }

  async end(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  async #nextFrame(): Promise<Buffer> {
    for (;;) {
      const next = this.#frames.shift();
      if (next) return next;
      if (this.#ended) throw new Error("the connection was closed");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

/** Links a device, by Baileys, and leaves it to another client: it has not logged in yet, nor uploaded any keys. */
export async function linkDevice(simulator: Simulator, phone: string): Promise<NoiseLogin> {
  const pairing = connect(simulator);
  const { id } = await simulator.account(phone).scanQr(await pairing.qr());
  await pairing.closed;
  const payload = { username: Number(phone), device: id, passive: true, pull: true };
  return { key: pairing.auth.creds.noiseKey, payload };
}

/** Logs in, and is through when the server has accepted it. */
export async function logIn(simulator: Simulator, login: NoiseLogin): Promise<NoiseClient> {
  const client = await NoiseClient.connect(simulator.url);
  await client.handshake(login);
  await client.nextStanza(({ tag }) => tag === "success");
  return client;
}

/** The Noise specification's SymmetricState, 5.2. */
class SymmetricState {
  #hash: Buffer;
  #chainingKey: Buffer;
  #key: TransportKey | undefined;

  constructor(protocol: string, prologue: Uint8Array) {
    const name = Buffer.from(protocol);
    this.#hash = name.length > 32 ? sha256(name) : Buffer.concat([name, Buffer.alloc(32 - name.length)]);
    this.#chainingKey = this.#hash;
    this.mixHash(prologue);
  }

  mixHash(bytes: Uint8Array): void {
    this.#hash = sha256(Buffer.concat([this.#hash, bytes]));
  }

  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = expand(secret, this.#chainingKey);
    this.#chainingKey = chainingKey;
    this.#key = new TransportKey(key);
  }

  encrypt(plaintext: Uint8Array): Buffer {
    if (!this.#key) throw new Error("there is no key yet");
    const ciphertext = this.#key.encrypt(plaintext, this.#hash);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decrypt(ciphertext: Uint8Array): Buffer {
    if (!this.#key) throw new Error("there is no key yet");
    const plaintext = this.#key.decrypt(ciphertext, this.#hash);
    this.mixHash(ciphertext);
    return plaintext;
  }

  split(): { readonly write: TransportKey; readonly read: TransportKey } {
    const [write, read] = expand(NOTHING, this.#chainingKey);
    return { write: new TransportKey(write), read: new TransportKey(read) };
  }
}

/** The Noise specification's CipherState for AESGCM, 12.4. */
class TransportKey {
  readonly #key: Buffer;
  #counter = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  encrypt(plaintext: Uint8Array, associated: Uint8Array = NOTHING): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#key, this.#nextNonce()).setAAD(associated);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  decrypt(ciphertext: Uint8Array, associated: Uint8Array = NOTHING): Buffer {
    const bytes = Buffer.from(ciphertext);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nextNonce())
      .setAAD(associated)
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  }

  #nextNonce(): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(this.#counter++), 4);
    return nonce;
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function expand(secret: Uint8Array, salt: Uint8Array): [Buffer, Buffer] {
  const derived = Buffer.from(hkdfSync("sha256", secret, salt, NOTHING, 64));
  return [derived.subarray(0, 32), derived.subarray(32)];
}

function newKeyPair(): RawKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return { public: rawBytes(publicKey, "spki"), private: rawBytes(privateKey, "pkcs8") };
}

function rawBytes(key: KeyObject, type: "spki" | "pkcs8"): Buffer {
  return Buffer.from(key.export({ format: "der", type })).subarray(-32);
}

function sharedKey(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return diffieHellman({
    privateKey: createPrivateKey({
      key: Buffer.concat([PRIVATE_HEADER, privateKey]),
      format: "der",
      type: "pkcs8",
    }),
    publicKey: createPublicKey({
      key: Buffer.concat([PUBLIC_HEADER, publicKey]),
      format: "der",
      type: "spki",
    }),
  });
}
