import { randomBytes } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import type { JsonReader } from "../json-reader.ts";
import { COLLECTIONS, Collection, type CollectionName } from "./collection.ts";
import type { AppStateKey } from "./mutation-keys.ts";

/** An account's app state as plain JSON; bytes are base64. It holds the key. */
export interface SavedAppState {
  readonly key: { readonly id: string; readonly data: string; readonly timestamp: number };
  readonly collections: readonly SavedCollection[];
}

export interface SavedCollection {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly records: readonly { readonly indexMac: string; readonly blob: string }[];
  readonly patches: readonly { readonly version: number; readonly bytes: string }[];
}

/** The app state of an account: names of contacts, settings, and whatever its devices push, in five collections. */
export class AppState {
  readonly #key: AppStateKey;
  readonly #collections: ReadonlyMap<string, Collection>;

  constructor(saved?: SavedAppState) {
    this.#key = saved ? restoreKey(saved.key) : newKey();
    this.#collections = new Map(COLLECTIONS.map((name) => [name, new Collection(name, this.#key)]));
    for (const collection of saved?.collections ?? []) this.#restore(collection);
  }

  /** Undefined for a name that WhatsApp does not know. */
  find(name: string): Collection | undefined {
    return this.#collections.get(name);
  }

  get(name: CollectionName): Collection {
    const collection = this.#collections.get(name);
    if (!collection) throw new Error(`there is no collection ${name}`);
    return collection;
  }

  /**
   * The message by which the phone gives a device the key (rc14 Utils/process-message.ts APP_STATE_SYNC_KEY_SHARE).
   * @param rawId of the phone's device identity.
   */
  keyShare(rawId: number): proto.Message.IAppStateSyncKeyShare {
    const { id, data, timestamp } = this.#key;
    const fingerprint = { rawId, currentIndex: 1, deviceIndexes: [0] };
    return { keys: [{ keyId: { keyId: id }, keyData: { keyData: data, fingerprint, timestamp } }] };
  }

  save(): SavedAppState {
    const { id, data, timestamp } = this.#key;
    return {
      key: { id: id.toString("base64"), data: data.toString("base64"), timestamp },
      collections: [...this.#collections.values()].map(saveCollection),
    };
  }

  #restore(saved: SavedCollection): void {
    const collection = this.#collections.get(saved.name);
    if (!collection) return;
    collection.version = saved.version;
    collection.hash = Buffer.from(saved.hash, "base64");
    for (const { indexMac, blob } of saved.records) collection.restore(indexMac, Buffer.from(blob, "base64"));
    for (const { version, bytes } of saved.patches)
      collection.patches.push({ version, bytes: Buffer.from(bytes, "base64") });
  }
}

/** @throws Error that names the first field which is not as {@link AppState.save} writes it. */
export function readAppState(state: JsonReader): SavedAppState {
  const key = state.field("key");
  return {
    key: {
      id: key.field("id").text(),
      data: key.field("data").text(),
      timestamp: key.field("timestamp").integer(),
    },
    collections: state
      .field("collections")
      .list()
      .map((collection) => ({
        name: collection.field("name").text(),
        version: collection.field("version").integer(),
        hash: collection.field("hash").text(),
        records: collection
          .field("records")
          .list()
          .map((record) => ({
            indexMac: record.field("indexMac").text(),
            blob: record.field("blob").text(),
          })),
        patches: collection
          .field("patches")
          .list()
          .map((patch) => ({
            version: patch.field("version").integer(),
            bytes: patch.field("bytes").text(),
          })),
      })),
  };
}

function newKey(): AppStateKey {
  return { id: randomBytes(6), data: randomBytes(32), timestamp: Date.now() };
}

function restoreKey({ id, data, timestamp }: SavedAppState["key"]): AppStateKey {
  return { id: Buffer.from(id, "base64"), data: Buffer.from(data, "base64"), timestamp };
}

function saveCollection({ name, version, hash, records, patches }: Collection): SavedCollection {
  return {
    name,
    version,
    hash: hash.toString("base64"),
    records: [...records].map(([indexMac, { blob }]) => ({ indexMac, blob: blob.toString("base64") })),
    patches: patches.map((patch) => ({ version: patch.version, bytes: patch.bytes.toString("base64") })),
  };
}
