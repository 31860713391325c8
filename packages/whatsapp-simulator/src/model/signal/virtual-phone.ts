import {
  addTransactionCapability,
  Curve,
  DEFAULT_CONNECTION_CONFIG,
  encodeWAMessage,
  generateRegistrationId,
  proto,
  type SignalCreds,
  type SignalRepositoryWithLIDStore,
  signedKeyPair,
  unpadRandomMax16,
} from "@whiskeysockets/baileys";
import { MemoryKeyStore } from "./memory-key-store.ts";
import { bundleSession, type PreKeyBundle } from "./pre-key-bundle.ts";
import { silentLogger } from "./silent-logger.ts";

/** One Signal ciphertext of type `pkmsg` (opens a session) or `msg`. */
export interface Ciphertext {
  readonly type: "pkmsg" | "msg";
  readonly bytes: Uint8Array;
}

/** What has to survive a restart, so that the sessions with the phone go on. */
export interface PhoneKeys {
  readonly creds: SignalCreds;
  /** From {@link MemoryKeyStore.dump}. */
  readonly store: string;
}

/**
 * The Signal side of an account's phone (device 0): its identity key, which vouches for linked devices, and its
 * sessions. The cryptography is Baileys' own repository, proven on loopback with pkmsg, msg and skmsg.
 */
export class VirtualPhone {
  #creds: SignalCreds | undefined;
  readonly #keys = new MemoryKeyStore();
  #repository: SignalRepositoryWithLIDStore | undefined;
  #nextPreKeyId: number;

  constructor(saved?: PhoneKeys) {
    this.#creds = saved?.creds;
    if (saved) this.#keys.load(saved.store);
    // Ids are 24 bits wide; starting at the clock keeps a restored phone from giving an old id to a new key.
    this.#nextPreKeyId = (Math.floor(Date.now() / 1000) % 0xff_ff00) + 1;
  }

  /** Made on first use, as it takes a few milliseconds: most accounts are only looked up. */
  get creds(): SignalCreds {
    this.#creds ??= newCreds();
    return this.#creds;
  }

  /** A bundle with a fresh one-time pre-key, for a device that wants to write to this phone. */
  bundle(): PreKeyBundle {
    const { registrationId, signedIdentityKey, signedPreKey } = this.creds;
    const id = this.#nextPreKeyId++;
    const preKey = Curve.generateKeyPair();
    this.#keys.set({ "pre-key": { [id]: preKey } });
    return {
      registrationId,
      identityKey: signedIdentityKey.public,
      signedPreKey: {
        id: signedPreKey.keyId,
        publicKey: Buffer.from(signedPreKey.keyPair.public),
        signature: Buffer.from(signedPreKey.signature),
      },
      preKey: { id, publicKey: Buffer.from(preKey.public) },
    };
  }

  /**
   * Encrypts for one device.
   * @param fetchBundle asked only when there is no session yet.
   */
  async encrypt(
    deviceJid: string,
    message: proto.IMessage,
    fetchBundle: () => PreKeyBundle,
  ): Promise<Ciphertext> {
    const repository = this.#signal();
    const session = await repository.validateSession(deviceJid);
    if (!session.exists)
      await repository.injectE2ESession({ jid: deviceJid, session: bundleSession(fetchBundle()) });
    const { type, ciphertext } = await repository.encryptMessage({
      jid: deviceJid,
      data: encodeWAMessage(message),
    });
    return { type, bytes: ciphertext };
  }

  /** Encrypts for a group with this phone's sender key, and returns the message that distributes that key. */
  async encryptForGroup(group: string, ownJid: string, message: proto.IMessage) {
    const { ciphertext, senderKeyDistributionMessage } = await this.#signal().encryptGroupMessage({
      group,
      meId: ownJid,
      data: encodeWAMessage(message),
    });
    const distribution: proto.IMessage = {
      senderKeyDistributionMessage: {
        groupId: group,
        axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage,
      },
    };
    return { ciphertext, distribution };
  }

  /** Decrypts and keeps a sender key that came along. Fails with libsignal's error. */
  async decrypt(senderJid: string, ciphertext: Ciphertext): Promise<proto.IMessage> {
    const padded = await this.#signal().decryptMessage({
      jid: senderJid,
      type: ciphertext.type,
      ciphertext: ciphertext.bytes,
    });
    const message = proto.Message.decode(unpadRandomMax16(padded));
    const senderKey = message.senderKeyDistributionMessage;
    if (senderKey)
      await this.#signal().processSenderKeyDistributionMessage({ authorJid: senderJid, item: senderKey });
    return message;
  }

  /** Decrypts what a member wrote to a group, with the sender key that an earlier message carried. */
  async decryptFromGroup(group: string, senderJid: string, bytes: Uint8Array): Promise<proto.IMessage> {
    const padded = await this.#signal().decryptGroupMessage({ group, authorJid: senderJid, msg: bytes });
    return proto.Message.decode(unpadRandomMax16(padded));
  }

  /** @returns `undefined` as long as none of them was used */
  save(): PhoneKeys | undefined {
    return this.#creds && { creds: this.#creds, store: this.#keys.dump() };
  }

  /** Stops the timers of the repository's caches. */
  close(): void {
    this.#repository?.close?.();
  }

  /** Made on first use, too. */
  #signal(): SignalRepositoryWithLIDStore {
    if (!this.#repository) {
      const logger = silentLogger();
      const keys = addTransactionCapability(this.#keys, logger, {
        maxCommitRetries: 1,
        delayBetweenTriesMs: 1,
      });
      // No LID for any number: a phone addresses its sessions by phone number throughout.
      const noLids = async () => [];
      this.#repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
        { creds: this.creds, keys },
        logger,
        noLids,
      );
    }
    return this.#repository;
  }
}

function newCreds(): SignalCreds {
  const signedIdentityKey = Curve.generateKeyPair();
  return {
    signedIdentityKey,
    signedPreKey: signedKeyPair(signedIdentityKey, 1),
    registrationId: generateRegistrationId(),
  };
}
