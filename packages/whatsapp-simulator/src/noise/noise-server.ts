import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  hkdf,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
  sha256,
} from "@whiskeysockets/baileys";
import { ProtocolError } from "../protocol-error.ts";
import type { NoiseIdentity } from "./certificates.ts";

const NOTHING = Buffer.alloc(0);

/** What the client proves and says at the end of the handshake. */
export interface ClientFinish {
  /** The client's Noise static public key, 32 bytes: who it is. */
  readonly staticKey: Buffer;
  readonly payload: proto.ClientPayload;
}

/**
 * The server's side of Noise_XX_25519_AESGCM_SHA256 as rc14's Utils/noise-handler.ts speaks it: hello, finish,
 * then transport messages in both directions. Proven on loopback against rc14.
 */
export class NoiseServer {
  readonly #identity: NoiseIdentity;
  readonly #ephemeral = Curve.generateKeyPair();
  #hash: Buffer = Buffer.from(NOISE_MODE);
  #salt: Uint8Array = this.#hash;
  #key: Uint8Array = this.#hash;
  #counter = 0;
  #incoming: TransportKey | undefined;
  #outgoing: TransportKey | undefined;

  constructor(identity: NoiseIdentity) {
    this.#identity = identity;
    this.#mixHash(NOISE_WA_HEADER);
  }

  /**
   * @returns the server hello that answers this client hello.
   * @throws ProtocolError when it holds no ephemeral key.
   */
  answerHello(frame: Uint8Array): Uint8Array {
    const clientEphemeral = proto.HandshakeMessage.decode(frame).clientHello?.ephemeral;
    if (clientEphemeral?.length !== 32) throw new ProtocolError("client hello without an ephemeral key");

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
    const [clientWrites, clientReads] = deriveTwo(NOTHING, this.#salt);
    this.#incoming = new TransportKey(clientWrites);
    this.#outgoing = new TransportKey(clientReads);
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
