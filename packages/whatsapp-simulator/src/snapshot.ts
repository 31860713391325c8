import { type BinaryNode, BufferJSON, type KeyPair, type SignalCreds } from "@whiskeysockets/baileys";
import { type AccountContext, AccountState } from "./model/accounts/account-state.ts";
import { DeviceRecord } from "./model/accounts/linked-device.ts";
import { readProfile, type SavedProfile } from "./model/accounts/profile.ts";
import { readAppState, type SavedAppState } from "./model/app-state/app-state.ts";
import { JsonReader } from "./model/json-reader.ts";
import type { PreKey, SignedPreKey } from "./model/signal/pre-key-bundle.ts";
import type { PhoneKeys } from "./model/signal/virtual-phone.ts";

/** What outlives a restart. Plain JSON; keys are base64. It holds private keys of the virtual phones. */
export interface SimulatorState {
  readonly version: 1;
  readonly accounts: readonly SavedAccount[];
}

export interface SavedAccount {
  readonly phone: string;
  /** Digits. */
  readonly lid: string;
  readonly nextDeviceId: number;
  /** Absent for a phone that has none yet. */
  readonly keys?: SavedPhoneKeys | undefined;
  readonly devices: readonly SavedDevice[];
  /** Absent in a state that an older simulator wrote. */
  readonly appState?: SavedAppState | undefined;
  readonly profile?: SavedProfile | undefined;
  /** Phones. */
  readonly blocked?: readonly string[] | undefined;
  readonly privacyTokens?: readonly SavedPrivacyToken[] | undefined;
  /** JIDs of the devices that have their session with the phone by LID. */
  readonly writtenFromLid?: readonly string[] | undefined;
}

export interface SavedPhoneKeys {
  readonly registrationId: number;
  readonly identityKey: SavedKeyPair;
  readonly signedPreKey: SavedKeyPair & { readonly id: number; readonly signature: string };
  /** The phone's Signal store, as JSON text. */
  readonly store: string;
}

export interface SavedPrivacyToken {
  /** Of the account that gave it. */
  readonly phone: string;
  readonly bytes: string;
  readonly at: number;
}

export interface SavedDevice {
  readonly id: number;
  readonly noiseKey: string;
  readonly identityKey: string;
  readonly registrationId: number;
  readonly signedPreKey: (SavedPreKey & { readonly signature: string }) | null;
  readonly preKeys: readonly SavedPreKey[];
  /** Absent in a state that an older simulator wrote: others get the device's keys without it. */
  readonly deviceIdentity?: string | undefined;
  /** Stanzas that wait for the device, as JSON text. */
  readonly offline: string;
  /**
   * Whether the phone has sent the initial sync. Absent in a state that an older simulator wrote: the device has no
   * app-state key then.
   */
  readonly welcomed?: boolean | undefined;
}

export interface SavedKeyPair {
  readonly public: string;
  readonly private: string;
}

export interface SavedPreKey {
  readonly id: number;
  readonly publicKey: string;
}

export function captureState(accounts: readonly AccountState[]): SimulatorState {
  return { version: 1, accounts: accounts.map(saveAccount) };
}

/**
 * Checks a state that may have been to a file and back.
 * @throws Error that names the first field which is not as {@link captureState} writes it.
 */
export function parseState(value: unknown): SimulatorState {
  const state = new JsonReader(value, "state");
  if (state.field("version").integer() !== 1) throw new Error("state.version is not 1");
  return { version: 1, accounts: state.field("accounts").list().map(readAccount) };
}

/** The account with its keys and devices; the rest of its description is for `addAccount` to say again. */
export function restoreAccount(saved: SavedAccount, context: AccountContext): AccountState {
  const account = new AccountState({ phone: saved.phone, lid: saved.lid }, context, {
    keys: saved.keys && restorePhoneKeys(saved.keys),
    appState: saved.appState,
    profile: saved.profile,
    blocked: saved.blocked,
    privacyTokens: saved.privacyTokens?.map(({ phone, bytes, at }) => [
      phone,
      { bytes: fromBase64(bytes), at },
    ]),
    writtenFromLid: saved.writtenFromLid,
  });
  account.nextDeviceId = saved.nextDeviceId;
  for (const device of saved.devices) account.linked.set(device.id, restoreDevice(device, account));
  return account;
}

function restorePhoneKeys({ registrationId, identityKey, signedPreKey, store }: SavedPhoneKeys): PhoneKeys {
  const creds: SignalCreds = {
    registrationId,
    signedIdentityKey: keyPair(identityKey),
    signedPreKey: {
      keyId: signedPreKey.id,
      keyPair: keyPair(signedPreKey),
      signature: fromBase64(signedPreKey.signature),
    },
  };
  return { creds, store };
}

function saveAccount(account: AccountState): SavedAccount {
  const keys = account.signal.save();
  return {
    phone: account.phone,
    lid: account.lid.replace("@lid", ""),
    nextDeviceId: account.nextDeviceId,
    keys: keys && savePhoneKeys(keys),
    devices: account.devices.map(saveDevice),
    appState: account.settings.save(),
    profile: account.profile.save(),
    blocked: account.blockList.phones,
    privacyTokens: [...account.privacyTokens].map(([phone, { bytes, at }]) => ({
      phone,
      bytes: toBase64(bytes),
      at,
    })),
    writtenFromLid: [...account.writtenFromLid],
  };
}

function savePhoneKeys({ creds, store }: PhoneKeys): SavedPhoneKeys {
  const { keyPair: signed, keyId, signature } = creds.signedPreKey;
  return {
    registrationId: creds.registrationId,
    identityKey: saveKeyPair(creds.signedIdentityKey),
    signedPreKey: { ...saveKeyPair(signed), id: keyId, signature: toBase64(signature) },
    store,
  };
}

function saveDevice(device: DeviceRecord): SavedDevice {
  const { id, registrationId, signedPreKey, preKeys } = device;
  return {
    id,
    registrationId,
    noiseKey: toBase64(device.noiseKey),
    identityKey: toBase64(device.identityKey),
    signedPreKey: signedPreKey
      ? { ...savePreKey(signedPreKey), signature: toBase64(signedPreKey.signature) }
      : null,
    preKeys: preKeys.map(savePreKey),
    deviceIdentity: device.deviceIdentity && toBase64(device.deviceIdentity),
    offline: JSON.stringify(device.waiting, BufferJSON.replacer),
    welcomed: device.initialSyncSent,
  };
}

function restoreDevice(saved: SavedDevice, account: AccountState): DeviceRecord {
  const { id, registrationId, signedPreKey } = saved;
  const device = new DeviceRecord({
    id,
    registrationId,
    jid: account.deviceJid(id),
    lid: account.deviceLid(id),
    noiseKey: fromBase64(saved.noiseKey),
    identityKey: fromBase64(saved.identityKey),
  });
  device.signedPreKey = signedPreKey ? restoreSignedPreKey(signedPreKey) : undefined;
  device.preKeys = saved.preKeys.map(restorePreKey);
  device.deviceIdentity = saved.deviceIdentity === undefined ? undefined : fromBase64(saved.deviceIdentity);
  const offline: BinaryNode[] = JSON.parse(saved.offline, BufferJSON.reviver);
  device.offline = offline;
  device.initialSyncSent = saved.welcomed ?? false;
  return device;
}

function readAccount(account: JsonReader): SavedAccount {
  return {
    phone: account.field("phone").text(),
    lid: account.field("lid").text(),
    nextDeviceId: account.field("nextDeviceId").integer(),
    // An older simulator made keys for every account, and wrote them beside the rest.
    keys:
      account.field("keys").optional(readPhoneKeys) ??
      account.field("identityKey").optional(() => readPhoneKeys(account)),
    devices: account.field("devices").list().map(readDevice),
    appState: account.field("appState").optional(readAppState),
    profile: account.field("profile").optional(readProfile),
    privacyTokens: account.field("privacyTokens").optional((tokens) =>
      tokens.list().map((token) => ({
        phone: token.field("phone").text(),
        bytes: token.field("bytes").text(),
        at: token.field("at").integer(),
      })),
    ),
    blocked: account.field("blocked").optional((blocked) => blocked.list().map((phone) => phone.text())),
    writtenFromLid: account.field("writtenFromLid").optional((jids) => jids.list().map((jid) => jid.text())),
  };
}

function readPhoneKeys(keys: JsonReader): SavedPhoneKeys {
  const signed = keys.field("signedPreKey");
  return {
    registrationId: keys.field("registrationId").integer(),
    identityKey: readKeyPair(keys.field("identityKey")),
    signedPreKey: {
      ...readKeyPair(signed),
      id: signed.field("id").integer(),
      signature: signed.field("signature").text(),
    },
    store: keys.field("store").text(),
  };
}

function readDevice(device: JsonReader): SavedDevice {
  const signedPreKey = device.field("signedPreKey").optional((signed) => ({
    ...readPreKey(signed),
    signature: signed.field("signature").text(),
  }));
  return {
    id: device.field("id").integer(),
    noiseKey: device.field("noiseKey").text(),
    identityKey: device.field("identityKey").text(),
    registrationId: device.field("registrationId").integer(),
    signedPreKey: signedPreKey ?? null,
    preKeys: device.field("preKeys").list().map(readPreKey),
    deviceIdentity: device.field("deviceIdentity").optional((identity) => identity.text()),
    offline: device.field("offline").text(),
    welcomed: device.field("welcomed").optional((welcomed) => welcomed.truth()),
  };
}

function readKeyPair(pair: JsonReader): SavedKeyPair {
  return { public: pair.field("public").text(), private: pair.field("private").text() };
}

function readPreKey(key: JsonReader): SavedPreKey {
  return { id: key.field("id").integer(), publicKey: key.field("publicKey").text() };
}

function saveKeyPair(pair: KeyPair): SavedKeyPair {
  return { public: toBase64(pair.public), private: toBase64(pair.private) };
}

function keyPair(saved: SavedKeyPair): KeyPair {
  return { public: fromBase64(saved.public), private: fromBase64(saved.private) };
}

function savePreKey({ id, publicKey }: PreKey): SavedPreKey {
  return { id, publicKey: toBase64(publicKey) };
}

function restorePreKey({ id, publicKey }: SavedPreKey): PreKey {
  return { id, publicKey: fromBase64(publicKey) };
}

function restoreSignedPreKey(saved: SavedPreKey & { readonly signature: string }): SignedPreKey {
  return { ...restorePreKey(saved), signature: fromBase64(saved.signature) };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, "base64");
}
