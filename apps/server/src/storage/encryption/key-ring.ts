import { join } from "node:path";
import { areDifferent, makeSecretKey, type SecretKey, type SecretKeys } from "../../kernel/secret-key.ts";
import {
  type KeyFile,
  makeKeyFile,
  readKeyFile,
  removeDrafts,
  replaceKeyFile,
  SecretKeyError,
  stampOfKeyFile,
} from "./key-file.ts";
import { type AssociatedData, type Sealed, unseal } from "./sealing.ts";

/** The keys that encrypt what the database must not show. */
export interface KeyRing {
  /** The setting or the file that the keys are in. */
  readonly source: string;
  /**
   * @returns the keys as they are now; those of a file are made when there are none yet, and read again when another
   * process has replaced the file
   * @throws SecretKeyError
   */
  keys(): SecretKeys;
  /** @returns the key with this id, if there is one */
  find(keyId: string): SecretKey | undefined;
  /**
   * Puts a new key first in the key file; a setting is the operator's to change. Call it only while no other process does.
   */
  renew(): void;
  /**
   * Removes unused keys from the key file. Call it only while no other process does.
   * @returns the ids of the removed keys
   */
  drop(isUnused: (keyId: string) => boolean): string[];
}

/** A stored value that no key opens: it was changed, is in another's place, or its key is missing. */
export class SecretUnreadable extends Error {
  override readonly name = "SecretUnreadable";
}

/**
 * The keys of the setting, else those of the file `secret.key` in the data folder.
 * @param secretKeys of the setting, the first one encrypts
 * @throws SecretKeyError for a file that is there and cannot be used
 */
export function openKeyRing(dataDir: string, secretKeys?: SecretKeys): KeyRing {
  return secretKeys ? new KeyRingInSetting(secretKeys) : new KeyRingInFile(join(dataDir, "secret.key"));
}

/** @returns what was sealed @throws SecretUnreadable */
export function openSealed(keyRing: KeyRing, place: AssociatedData, { key_id, text }: Sealed): string {
  const [table, id, type] = place;
  const what = table === "idempotency_keys" ? `answer ${id}` : `${type ?? table} of device ${id}`;
  try {
    const key = keyRing.find(key_id);
    if (!key) throw new Error("there is no such key");
    return unseal(key, place, text);
  } catch (cause) {
    throw new SecretUnreadable(`the ${what} cannot be read with key ${key_id}`, { cause });
  }
}

class KeyRingInSetting implements KeyRing {
  readonly source = "WUTS_SECRET_KEY";
  readonly #keys: SecretKeys;

  constructor(keys: SecretKeys) {
    this.#keys = keys;
  }

  keys(): SecretKeys {
    return this.#keys;
  }

  find(keyId: string): SecretKey | undefined {
    return this.#keys.find(({ id }) => id === keyId);
  }

  renew(): void {}

  drop(): string[] {
    return [];
  }
}

class KeyRingInFile implements KeyRing {
  readonly source: string;
  #file: KeyFile | undefined;

  constructor(path: string) {
    this.source = path;
    this.#file = readKeyFile(path);
  }

  keys(): SecretKeys {
    if (!this.#file) makeKeyFile(this.source);
    if (this.#file && this.#file.stamp === stampOfKeyFile(this.source)) return this.#file.keys;
    return this.#read();
  }

  find(keyId: string): SecretKey | undefined {
    const known = this.#file?.keys.find(({ id }) => id === keyId);
    if (known || !this.#file) return known;
    return this.#read().find(({ id }) => id === keyId);
  }

  renew(): void {
    const keys = this.keys();
    removeDrafts(this.source);
    let key = makeSecretKey();
    while (!areDifferent([key, ...keys])) key = makeSecretKey();
    replaceKeyFile(this.source, [key, ...keys]);
  }

  drop(isUnused: (keyId: string) => boolean): string[] {
    // A server that runs may be about to write with the key that was the newest until now.
    const [newest, previous, ...older] = this.keys();
    const dropped = older.filter(({ id }) => isUnused(id));
    if (!previous || dropped.length === 0) return [];
    replaceKeyFile(this.source, [newest, previous, ...older.filter((key) => !dropped.includes(key))]);
    return dropped.map(({ id }) => id);
  }

  #read(): SecretKeys {
    const file = readKeyFile(this.source);
    // Values encrypted with a key that is not on the disk could not be read after the next start.
    if (!file) throw new SecretKeyError(`${this.source} is gone: put it back.`);
    this.#file = file;
    return file.keys;
  }
}
