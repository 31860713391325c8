import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  hkdf,
  NOISE_MODE,
  proto,
  sha256,
} from "@whiskeysockets/baileys";
import { ProtocolError } from "../protocol-error.ts";
import type { NoiseIdentity } from "./certificates.ts";

const NOTHING = Buffer.alloc(0);

/** What the handshake's hash begins with: names of 32 bytes as they are, longer ones hashed (Noise specification, 5.2). */
const PATTERNS = {
  /** Of a client that does not know the server. */
  XX: Buffer.from(NOISE_MODE),
  /** Of a client that knows the server's static key from an earlier connection. */
  IK: Buffer.from("Noise_IK_25519_AESGCM_SHA256\0\0\0\0"),
  /** How the server goes on when that key is not its own, or no longer. */
  XXfallback: sha256(Buffer.from("Noise_XXfallback_25519_AESGCM_SHA256")),
} as const;

/** What the client proves and says at the end of the handshake. */
export interface ClientFinish {
  /** The client's Noise static public key, 32 bytes: its identity. */
  readonly staticKey: Buffer;
  readonly payload: proto.ClientPayload;
}

/** The server's hello, and what the client has finished with if its own hello said all. */
export interface AnsweredHello {
  readonly hello: Uint8Array;
  /** Undefined: {@link NoiseServer.readFinish} reads it from the client's next frame. */
  readonly finish: ClientFinish | undefined;
}

type ClientHello = proto.HandshakeMessage.IClientHello;

/**
 * The server's side of the Noise handshake, then transport messages in both directions. Noise_XX as rc14's
 * Utils/noise-handler.ts speaks it, proven on loopback against rc14: hello, hello, finish. Noise_IK, and XXfallback, as
 * zapo's src/transport/noise/WaNoiseSession.ts speaks them: a client that knows the server's key sends its identity
 * in its hello, and the server's hello is the end of it; or that key is not the server's, and the rest goes as in XX.
 */
export class NoiseServer {
  readonly #identity: NoiseIdentity;
  readonly #ephemeral = Curve.generateKeyPair();
  #hash: Buffer = NOTHING;
  #salt: Uint8Array = this.#hash;
  #key: Uint8Array = this.#hash;
  #counter = 0;
  #incoming: TransportKey | undefined;
  #outgoing: TransportKey | undefined;

  constructor(identity: NoiseIdentity) {
    this.#identity = identity;
  }

  /**
   * @param prologue the bytes before the client's first frame.
   * @throws ProtocolError when the client hello holds no ephemeral key.
   */
  answerHello(frame: Uint8Array, prologue: Uint8Array): AnsweredHello {
    const clientHello = proto.HandshakeMessage.decode(frame).clientHello;
    const ephemeral = clientHello?.ephemeral;
    if (!clientHello || ephemeral?.length !== 32)
      throw new ProtocolError("client hello without an ephemeral key");

    if (!clientHello.static?.length || !clientHello.payload?.length)
      return { hello: this.#answerStranger("XX", ephemeral, prologue), finish: undefined };
    const finish = this.#readKnowing(clientHello, ephemeral, prologue);
    return finish
      ? { hello: this.#answerKnown(ephemeral, finish), finish }
      : { hello: this.#answerStranger("XXfallback", ephemeral, prologue), finish: undefined };
  }

  /** The hello to a client that does not know the server's key, or a wrong one. */
  #answerStranger(
    pattern: "XX" | "XXfallback",
    clientEphemeral: Uint8Array,
    prologue: Uint8Array,
  ): Uint8Array {
    this.#start(pattern, prologue);
    this.#mixHash(clientEphemeral);
    this.#mixHash(this.#ephemeral.public);
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, clientEphemeral));
    const staticKey = this.#encryptHandshake(this.#identity.keyPair.public);
    this.#mixKey(Curve.sharedKey(this.#identity.keyPair.private, clientEphemeral));
    const payload = this.#encryptHandshake(this.#identity.certificateChain);
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.public, static: staticKey, payload },
    }).finish();
  }

  /** What a client says that encrypts for the server's key; undefined when that is not this server's. */
  #readKnowing(
    { static: encryptedKey, payload }: ClientHello,
    clientEphemeral: Uint8Array,
    prologue: Uint8Array,
  ): ClientFinish | undefined {
    const { keyPair } = this.#identity;
    this.#start("IK", prologue);
    this.#mixHash(keyPair.public);
    this.#mixHash(clientEphemeral);
    this.#mixKey(Curve.sharedKey(keyPair.private, clientEphemeral));
    try {
      const staticKey = this.#decryptHandshake(encryptedKey ?? NOTHING);
      this.#mixKey(Curve.sharedKey(keyPair.private, staticKey));
      return { staticKey, payload: proto.ClientPayload.decode(this.#decryptHandshake(payload ?? NOTHING)) };
    } catch {
      // It is encrypted for another key. What is broken in any other way, the client will not finish either.
      return undefined;
    }
  }

  /** The hello to a client that knows the server's key; from here on {@link encrypt} and {@link decrypt} work. */
  #answerKnown(clientEphemeral: Uint8Array, { staticKey }: ClientFinish): Uint8Array {
    this.#mixHash(this.#ephemeral.public);
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, clientEphemeral));
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, staticKey));
    const payload = this.#encryptHandshake(this.#identity.certificateChain);
    this.#split();
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.public, payload },
    }).finish();
  }

  /**
   * Reads the client finish; from here on {@link encrypt} and {@link decrypt} work.
   * @throws ProtocolError when a part is missing, any error when it does not decrypt.
   */
  readFinish(frame: Uint8Array): ClientFinish {
    const finish = proto.HandshakeMessage.decode(frame).clientFinish;
    if (!finish?.static || !finish.payload) throw new ProtocolError("client finish without key or payload");

    const staticKey = this.#decryptHandshake(finish.static);
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, staticKey));
    const payload = this.#decryptHandshake(finish.payload);
    this.#split();
    return { staticKey, payload: proto.ClientPayload.decode(payload) };
  }

  encrypt(plaintext: Uint8Array): Buffer {
    if (!this.#outgoing) throw new Error("the handshake has not ended");
    return aesEncryptGCM(plaintext, this.#outgoing.key, this.#outgoing.nextIv(), NOTHING);
  }

  decrypt(ciphertext: Uint8Array): Buffer {
    if (!this.#incoming) throw new ProtocolError("a stanza before the end of the handshake");
    return aesDecryptGCM(ciphertext, this.#incoming.key, this.#incoming.nextIv(), NOTHING);
  }

  #start(pattern: keyof typeof PATTERNS, prologue: Uint8Array): void {
    this.#hash = PATTERNS[pattern];
    this.#salt = this.#hash;
    this.#key = this.#hash;
    this.#counter = 0;
    this.#mixHash(prologue);
  }

  #split(): void {
    const [clientWrites, clientReads] = deriveTwo(NOTHING, this.#salt);
    this.#incoming = new TransportKey(clientWrites);
    this.#outgoing = new TransportKey(clientReads);
  }

  #mixHash(bytes: Uint8Array): void {
    this.#hash = sha256(Buffer.concat([this.#hash, bytes]));
  }

  #mixKey(sharedSecret: Uint8Array): void {
    [this.#salt, this.#key] = deriveTwo(sharedSecret, this.#salt);
    this.#counter = 0;
  }

  #encryptHandshake(plaintext: Uint8Array): Buffer {
    const ciphertext = aesEncryptGCM(plaintext, this.#key, iv(this.#counter++), this.#hash);
    this.#mixHash(ciphertext);
    return ciphertext;
  }

  #decryptHandshake(ciphertext: Uint8Array): Buffer {
    const plaintext = aesDecryptGCM(ciphertext, this.#key, iv(this.#counter++), this.#hash);
    this.#mixHash(ciphertext);
    return plaintext;
  }
}

/** One direction's key after the handshake; every message has its own counter, none has associated data. */
class TransportKey {
  readonly key: Uint8Array;
  #counter = 0;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  nextIv(): Buffer {
    return iv(this.#counter++);
  }
}

function iv(counter: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(counter, 8);
  return bytes;
}

function deriveTwo(secret: Uint8Array, salt: Uint8Array): [Uint8Array, Uint8Array] {
  const derived = hkdf(Buffer.from(secret), 64, { salt, info: "" });
  return [derived.subarray(0, 32), derived.subarray(32)];
}
