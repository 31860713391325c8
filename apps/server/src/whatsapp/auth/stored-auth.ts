import {
  type AuthenticationCreds,
  type AuthenticationState,
  BufferJSON,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from "../protocol/baileys.ts";
import { type Jid, parseJid, userOf } from "../protocol/jid.ts";
import type { DeviceCredentials, KeyChange } from "./credentials.repository.ts";
import { KeyCache } from "./key-cache.ts";

/** The WhatsApp account of a device. */
export interface LinkedAccount {
  readonly jid: Jid;
  readonly lid: Jid | null;
  /** Digits only. */
  readonly phoneNumber: string;
  /** The number of the device among the account's; 0 is the phone. */
  readonly deviceId: number;
  /** Whether it is a business's, as WhatsApp said when the device was linked. */
  readonly isBusiness: boolean;
}

/** A device's credentials and Signal keys: in memory as Baileys wants them, and durable in the database. */
export interface StoredAuth {
  readonly state: AuthenticationState;
  /**
   * Whether an account is linked. `creds.me` alone does not count: asking for a pairing code sets it, and logging in
   * with it before the code was typed ends in 401 (proven against rc14).
   */
  isPaired(): boolean;
  /** @returns the linked account, once WhatsApp has sent it */
  account(): LinkedAccount | undefined;
  /** Writes the credentials as they are now; `pendingWrites` says when they are durable. */
  save(): void;
  /**
   * @returns `undefined` when everything is durable; else a promise that resolves when it is, and rejects when it can
   * not be: then nothing that depends on it may be sent
   */
  pendingWrites(): Promise<void> | undefined;
  /**
   * From now on nothing is written: what a connection that has ended still learns must not overwrite what its successor
   * stores. Nothing of it was acknowledged, so WhatsApp says it again. Resolves when no write is under way any more.
   */
  retire(): Promise<void>;
}

/** Reads a device's credentials. Without any, or with those of an unfinished pairing, new ones are made. */
export async function loadStoredAuth(credentials: DeviceCredentials): Promise<StoredAuth> {
  const text = await credentials.read();
  const stored: AuthenticationCreds | undefined = text && JSON.parse(text, BufferJSON.reviver);
  if (stored && !stored.account) await credentials.wipe();
  return storedAuth(credentials, stored?.account ? stored : initAuthCreds());
}

function storedAuth(credentials: DeviceCredentials, creds: AuthenticationCreds): StoredAuth {
  let pending: Promise<void> | undefined;
  let retired = false;
  const keys = new KeyCache(credentials);

  /** Writes happen one after the other; once one has failed, so do all later ones. */
  const write = (changes: readonly KeyChange[]): Promise<void> => {
    if (retired) return Promise.resolve();
    const text = JSON.stringify(creds, BufferJSON.replacer);
    const earlier = pending;
    const writeNow = async () => {
      await credentials.write(text, changes);
      keys.invalidate(changes);
    };
    const done = earlier ? earlier.then(writeNow) : writeNow();
    pending = done;
    done.then(
      () => {
        if (pending === done) pending = undefined;
      },
      // Callers of `pendingWrites` get the error; without a caller, the rejection must not end the process.
      () => undefined,
    );
    return done;
  };

  return {
    state: {
      creds,
      keys: {
        ...storedKeys(keys),
        set: (data) => write(keyChanges(data)),
        async clear() {
          if (retired) return;
          await credentials.wipe();
          keys.clear();
        },
      },
    },
    isPaired: () => creds.account !== undefined,
    account: () => {
      const jid = parseJid(creds.me?.id ?? "");
      if (!creds.account || !jid) return undefined;
      return {
        jid,
        lid: parseJid(creds.me?.lid ?? "") ?? null,
        phoneNumber: userOf(jid),
        deviceId: Number(/:(\d{1,4})@/.exec(creds.me?.id ?? "")?.[1] ?? 0),
        // `<platform name="smba">`, or `smbi`: the app for small businesses.
        isBusiness: creds.platform?.startsWith("smb") === true,
      };
    },
    save: () => {
      // Until the phone has linked the account nothing is worth keeping: the next attempt starts afresh.
      if (creds.account) write([]).catch(() => undefined);
    },
    pendingWrites: () => pending,
    async retire() {
      retired = true;
      await pending?.catch(() => undefined);
    },
  };
}

/** A device's stored keys, for reading, with or without a connection. */
export function storedKeys(credentials: Pick<DeviceCredentials, "readKeys">): Pick<SignalKeyStore, "get"> {
  return {
    async get(type, ids) {
      const found: { [id: string]: SignalDataTypeMap[typeof type] } = {};
      for (const { id, value } of await credentials.readKeys(type, ids)) found[id] = readKey(type, value);
      return found;
    },
  };
}

function keyChanges(data: SignalDataSet): KeyChange[] {
  return Object.entries(data).flatMap(([type, values]) =>
    Object.entries(values ?? {}).map(([id, value]) => ({
      type,
      id,
      value: value === null || value === undefined ? null : JSON.stringify(value, BufferJSON.replacer),
    })),
  );
}

/** App-state keys must be protobuf objects again, or Baileys cannot use them (as its own stores do it). */
function readKey<Type extends keyof SignalDataTypeMap>(type: Type, text: string): SignalDataTypeMap[Type] {
  let value = JSON.parse(text, BufferJSON.reviver);
  if (type === "app-state-sync-key") value = proto.Message.AppStateSyncKeyData.fromObject(value);
  return value;
}
