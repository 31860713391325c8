import { randomBytes } from "node:crypto";
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  hkdf,
  jidDecode,
  type KeyPair,
} from "@whiskeysockets/baileys";
import type { AccountState } from "../../model/accounts/account-state.ts";
import type { DeviceRecord } from "../../model/accounts/linked-device.ts";
import type { Directory } from "../../model/directory.ts";
import type { SimulatorEvents } from "../../model/events.ts";
import type { Lifetime } from "../../model/lifetime.ts";
import { badRequest, itemNotFound, notAuthorized, type Reply, result } from "../../wire/iq-reply.ts";
import { element, requireAttribute, requireBytes, SERVER_JID, unixSeconds } from "../../wire/stanza.ts";
import type { Client } from "../client.ts";
import type { PairSuccess } from "./pair-success.ts";
import type { Registration } from "./registration.ts";

/** The phone did not link the client that the code was meant for. */
export class PairingCodeRejected extends Error {
  override readonly name = "PairingCodeRejected";
}

/** A client that showed a code and waits until it is typed on the phone. */
interface Hello {
  readonly connection: Client;
  readonly registration: Registration;
  readonly phone: string;
  /** salt (32) | iv (16) | the companion's ephemeral public key (32), encrypted under the code. */
  readonly wrappedEphemeral: Buffer;
  readonly ref: Buffer;
  attempt: Attempt | undefined;
}

/** A code that was typed and whose companion_finish has not come yet. */
interface Attempt {
  readonly ephemeral: KeyPair;
  readonly companionEphemeral: Buffer;
  readonly resolve: (advSecret: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface CodePairingContext {
  readonly directory: Directory;
  readonly pairSuccess: PairSuccess;
  readonly events: SimulatorEvents;
  readonly lifetime: Lifetime;
}

const WAIT_MS = 10_000;
const BUNDLE_INFO = "link_code_pairing_key_bundle_encryption_key";

/**
 * Linking with an eight-character code: companion_hello, primary_hello, companion_finish, then pair-success.
 * Cryptography and stanzas as rc14 Socket/socket.ts requestPairingCode and Socket/messages-recv.ts
 * link_code_companion_reg do them; proven on loopback.
 */
export class CodePairings {
  readonly #context: CodePairingContext;
  readonly #codeLifetimeMs: number;
  /** Of the clients that came to be paired. */
  readonly #registrations = new Map<Client, Registration>();
  readonly #hellos = new Map<Client, Hello>();
  readonly #waiting = new Set<(hello: Hello) => void>();

  /** @param codeLifetimeMs for how long a code can be typed. */
  constructor(context: CodePairingContext, codeLifetimeMs: number) {
    this.#context = context;
    this.#codeLifetimeMs = codeLifetimeMs;
  }

  /** The client may ask for a code from now on, until its connection closes. */
  open(connection: Client, registration: Registration): void {
    this.#registrations.set(connection, registration);
  }

  /** Answers `<link_code_companion_reg>` of either stage. */
  answer(connection: Client, reg: BinaryNode): Reply {
    const registration = this.#registrations.get(connection);
    if (!registration) return badRequest;
    return reg.attrs.stage === "companion_hello"
      ? this.#hello(connection, registration, reg)
      : this.#finish(connection, reg);
  }

  /** @throws PairingCodeRejected, PasskeyRequired, WaitTimeout */
  async enter(account: AccountState, typed: string): Promise<DeviceRecord> {
    const code = typed.replaceAll(/[\s-]/g, "").toUpperCase();
    if (!/^[0-9A-Z]{8}$/.test(code)) throw new PairingCodeRejected("a pairing code has eight characters");

    const hello = await this.#helloFor(account.phone);
    const wrapped = hello.wrappedEphemeral;
    const companionEphemeral = aesDecryptCTR(
      wrapped.subarray(48, 80),
      await derivePairingCodeKey(code, wrapped.subarray(0, 32)),
      wrapped.subarray(32, 48),
    );
    const ephemeral = Curve.generateKeyPair();
    const salt = randomBytes(32);
    const iv = randomBytes(16);
    const wrappedPrimary = aesEncryptCTR(ephemeral.public, await derivePairingCodeKey(code, salt), iv);
    if (this.#hellos.get(hello.connection) !== hello)
      throw new PairingCodeRejected("the client has gone, or has shown another code since");
    const finished = this.#context.lifetime.wait<Uint8Array>(
      "companion_finish",
      WAIT_MS,
      (resolve, reject) => {
        const attempt = { ephemeral, companionEphemeral, resolve, reject };
        hello.attempt = attempt;
        return () => {
          if (hello.attempt === attempt) hello.attempt = undefined;
        };
      },
    );
    hello.connection.send(
      element(
        "notification",
        {
          from: SERVER_JID,
          type: "link_code_companion_reg",
          id: hello.connection.nextId(),
          t: unixSeconds(),
        },
        [
          element("link_code_companion_reg", { stage: "primary_hello" }, [
            element(
              "link_code_pairing_wrapped_primary_ephemeral_pub",
              {},
              Buffer.concat([salt, iv, wrappedPrimary]),
            ),
            element("primary_identity_pub", {}, account.signal.creds.signedIdentityKey.public),
            element("link_code_pairing_ref", {}, hello.ref),
          ]),
        ],
      ),
    );
    const advSecret = await finished;
    return this.#context.pairSuccess.offer(hello.connection, hello.registration, account, advSecret);
  }

  close(connection: Client): void {
    this.#hellos.get(connection)?.attempt?.reject(new PairingCodeRejected("the client has gone"));
    this.#hellos.delete(connection);
    this.#registrations.delete(connection);
  }

  #hello(connection: Client, registration: Registration, reg: BinaryNode): Reply {
    const phone = jidDecode(requireAttribute(reg, "jid"))?.user ?? "";
    const wrappedEphemeral = requireBytes(reg, "link_code_pairing_wrapped_companion_ephemeral_pub");
    if (wrappedEphemeral.length !== 80) return badRequest;
    if (!this.#context.directory.findAccount(phone)) return itemNotFound;
    const ref = randomBytes(16);
    const hello: Hello = { connection, registration, phone, wrappedEphemeral, ref, attempt: undefined };
    // Last asked, first served: a phone shows the newest request.
    this.#hellos.delete(connection);
    this.#hellos.set(connection, hello);
    connection.later(this.#codeLifetimeMs, () => this.#expire(hello));
    const display = requireBytes(reg, "companion_platform_display").toString();
    this.#context.events.emit("pairingCodeRequested", { phone, display });
    for (const offer of [...this.#waiting]) offer(hello);
    return result(
      element("link_code_companion_reg", { stage: "companion_hello" }, [
        element("link_code_pairing_ref", {}, ref),
      ]),
    );
  }

  /**
   * A code that was typed meanwhile goes on. For any other, the client is notified that it has expired, so that the
   * client asks for a new one (`WASmaxInMdRefreshCodeNotifyCompanionRequest` in WhatsApp Web).
   */
  #expire(hello: Hello): void {
    const { connection, ref } = hello;
    if (this.#hellos.get(connection) !== hello || hello.attempt) return;
    this.#hellos.delete(connection);
    connection.send(
      element(
        "notification",
        { from: SERVER_JID, type: "link_code_companion_reg", id: connection.nextId(), t: unixSeconds() },
        [
          element("link_code_companion_reg", { stage: "refresh_code", force_manual_refresh: "true" }, [
            element("link_code_pairing_ref", {}, ref),
          ]),
        ],
      ),
    );
  }

  #helloFor(phone: string): Promise<Hello> {
    const arrived = [...this.#hellos.values()].findLast((hello) => hello.phone === phone);
    if (arrived) return Promise.resolve(arrived);
    return this.#context.lifetime.wait("a client that asks for a pairing code", WAIT_MS, (resolve) => {
      const offer = (hello: Hello) => {
        if (hello.phone === phone) resolve(hello);
      };
      this.#waiting.add(offer);
      return () => this.#waiting.delete(offer);
    });
  }

  #finish(connection: Client, reg: BinaryNode): Reply {
    const hello = this.#hellos.get(connection);
    const attempt = hello?.attempt;
    if (!hello || !attempt) return badRequest;
    const primary = this.#context.directory.account(hello.phone).signal.creds.signedIdentityKey;
    const companionIdentity = requireBytes(reg, "companion_identity_public");
    const wrappedBundle = requireBytes(reg, "link_code_pairing_wrapped_key_bundle");
    const sharedEphemeral = Curve.sharedKey(attempt.ephemeral.private, attempt.companionEphemeral);
    const bundle = openBundle(wrappedBundle, sharedEphemeral);
    if (!bundle) {
      attempt.reject(new PairingCodeRejected("wrong pairing code"));
      return badRequest;
    }
    const isMeantForUs =
      bundle.subarray(0, 32).equals(companionIdentity) &&
      bundle.subarray(32, 64).equals(primary.public) &&
      hello.registration.identityKey.equals(companionIdentity);
    if (!isMeantForUs) {
      attempt.reject(new PairingCodeRejected("the client sent other keys than it has"));
      return notAuthorized;
    }
    const sharedIdentity = Curve.sharedKey(primary.private, companionIdentity);
    const secrets = Buffer.concat([sharedEphemeral, sharedIdentity, bundle.subarray(64, 96)]);
    const advSecret = hkdf(secrets, 32, { info: "adv_secret" });
    this.#hellos.delete(connection);
    return { type: "result", content: undefined, after: () => attempt.resolve(advSecret) };
  }
}

/** salt (32) | iv (12) | companion identity, primary identity and random bytes (32 each), encrypted. */
function openBundle(wrapped: Buffer, sharedEphemeral: Uint8Array): Buffer | undefined {
  const key = hkdf(sharedEphemeral, 32, { salt: wrapped.subarray(0, 32), info: BUNDLE_INFO });
  try {
    return aesDecryptGCM(wrapped.subarray(44), key, wrapped.subarray(32, 44), Buffer.alloc(0));
  } catch {
    return undefined;
  }
}
