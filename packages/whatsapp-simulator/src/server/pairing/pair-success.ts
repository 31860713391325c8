import {
  type BinaryNode,
  Curve,
  hmacSign,
  proto,
  WA_ADV_ACCOUNT_SIG_PREFIX,
  WA_ADV_DEVICE_SIG_PREFIX,
} from "@whiskeysockets/baileys";
import { CLOSE_KINDS } from "../../faults/close-kinds.ts";
import type { FaultRules } from "../../faults/fault-rules.ts";
import type { AccountState } from "../../model/accounts/account-state.ts";
import { DeviceRecord } from "../../model/accounts/linked-device.ts";
import type { SimulatorEvents } from "../../model/events.ts";
import type { Lifetime } from "../../model/lifetime.ts";
import { ProtocolError } from "../../wire/protocol-error.ts";
import { element, requireAttribute, requireBytes, requireChild, unixSeconds } from "../../wire/stanza.ts";
import type { AccountChanges } from "../account-changes.ts";
import type { Client } from "../client.ts";
import { PasskeyRequired, passkeyRequest } from "./passkey-request.ts";
import type { Registration } from "./registration.ts";

/** A device that got pair-success and has not proved its identity yet. */
interface Candidate {
  readonly iqId: string;
  readonly account: AccountState;
  readonly device: DeviceRecord;
  /** The ADVDeviceIdentity that both sides sign. */
  readonly details: Uint8Array;
  readonly resolve: (device: DeviceRecord) => void;
  readonly reject: (error: Error) => void;
}

interface PairSuccessContext {
  readonly changes: AccountChanges;
  readonly events: SimulatorEvents;
  readonly faults: Pick<FaultRules, "requiresPasskey" | "withholdsRestart">;
  readonly lifetime: Lifetime;
}

const PROOF_WAIT_MS = 10_000;

/** The last steps of pairing, the same for QR and code: pair-success, the device's signature, 515. */
export class PairSuccess {
  readonly #candidates = new Map<Client, Candidate>();
  readonly #context: PairSuccessContext;

  constructor(context: PairSuccessContext) {
    this.#context = context;
  }

  /**
   * Sends `<pair-success>` with the account's signed and authenticated device identity, as rc14
   * Utils/validate-connection.ts configureSuccessfulPairing reads it. Proven on loopback.
   * @param advSecret known to the client and this phone only.
   * @returns the device, linked, once the client has signed its identity.
   * @throws PasskeyRequired when a fault says so; the client is notified.
   */
  async offer(
    connection: Client,
    registration: Registration,
    account: AccountState,
    advSecret: Uint8Array,
  ): Promise<DeviceRecord> {
    if (this.#context.faults.requiresPasskey(account.phone)) {
      connection.send(passkeyRequest(connection.nextId()));
      throw new PasskeyRequired(`${account.phone} must confirm new devices with a passkey`);
    }
    const id = account.nextDeviceId++;
    const device = new DeviceRecord({
      id,
      jid: account.deviceJid(id),
      lid: account.deviceLid(id),
      ...registration,
    });
    const details = proto.ADVDeviceIdentity.encode({
      rawId: account.signal.creds.registrationId,
      timestamp: Math.floor(Date.now() / 1000),
      keyIndex: device.keyIndex,
      accountType: proto.ADVEncryptionType.E2EE,
      deviceType: proto.ADVEncryptionType.E2EE,
    }).finish();
    const identity = authenticatedIdentity(account, details, registration.identityKey, advSecret);
    const { businessName } = account.description;
    const iqId = connection.request({ type: "set", t: unixSeconds() }, [
      element("pair-success", {}, [
        element("device-identity", {}, identity),
        ...(businessName ? [element("biz", { name: businessName })] : []),
        element("device", { jid: device.jid, lid: device.lid }),
        element("platform", { name: businessName ? "smba" : "android" }),
      ]),
    ]);
    return this.#context.lifetime.wait(
      "the device to sign its identity",
      PROOF_WAIT_MS,
      (resolve, reject) => {
        this.#candidates.set(connection, { iqId, account, device, details, resolve, reject });
        return () => this.#candidates.delete(connection);
      },
    );
  }

  /**
   * Reads the client's `<pair-device-sign>`, links the device and asks it to reconnect (515). An answer to
   * anything else than pair-success is ignored.
   * @throws ProtocolError when the signature is not the device's.
   */
  accept(connection: Client, iq: BinaryNode): void {
    const candidate = this.#candidates.get(connection);
    if (!candidate || iq.attrs.id !== candidate.iqId) return;
    const { account, device } = candidate;
    if (!isSigned(candidate, iq)) {
      const error = new ProtocolError("the device's signature is not valid");
      candidate.reject(error);
      throw error;
    }
    device.deviceIdentity = requireBytes(requireChild(iq, "pair-device-sign"), "device-identity");
    this.#context.changes.link(account, device);
    candidate.resolve(device);
    this.#context.events.emit("paired", { phone: account.phone, device });
    if (!this.#context.faults.withholdsRestart) CLOSE_KINDS["restart-required"](connection);
  }

  forget(connection: Client): void {
    this.#candidates.get(connection)?.reject(new Error("the client closed before it was linked"));
  }
}

function authenticatedIdentity(
  account: AccountState,
  details: Uint8Array,
  deviceKey: Uint8Array,
  advSecret: Uint8Array,
): Uint8Array {
  const { public: accountSignatureKey, private: accountKey } = account.signal.creds.signedIdentityKey;
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey,
    accountSignature: Curve.sign(accountKey, Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, deviceKey])),
  }).finish();
  return proto.ADVSignedDeviceIdentityHMAC.encode({
    details: signed,
    hmac: hmacSign(signed, advSecret),
    accountType: proto.ADVEncryptionType.E2EE,
  }).finish();
}

function isSigned({ account, device, details }: Candidate, iq: BinaryNode): boolean {
  const sign = requireChild(iq, "pair-device-sign");
  const keyIndex = requireAttribute(requireChild(sign, "device-identity"), "key-index");
  const identity = proto.ADVSignedDeviceIdentity.decode(requireBytes(sign, "device-identity"));
  if (!identity.deviceSignature || !identity.details) return false;
  const signed = Buffer.concat([
    WA_ADV_DEVICE_SIG_PREFIX,
    details,
    device.identityKey,
    account.signal.creds.signedIdentityKey.public,
  ]);
  return (
    keyIndex === String(device.keyIndex) &&
    Buffer.from(identity.details).equals(details) &&
    Curve.verify(device.identityKey, signed, identity.deviceSignature)
  );
}
