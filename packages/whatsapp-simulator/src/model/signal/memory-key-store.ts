import {
  BufferJSON,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from "@whiskeysockets/baileys";

type KeyType = keyof SignalDataTypeMap;
type Stores = { readonly [T in KeyType]: Map<string, SignalDataTypeMap[T]> };

const KEY_TYPES: readonly KeyType[] = [
  "pre-key",
  "session",
  "sender-key",
  "sender-key-memory",
  "app-state-sync-key",
  "app-state-sync-version",
  "lid-mapping",
  "device-list",
  "tctoken",
  "identity-key",
];

/** Signal keys in memory, in the shape of Baileys' auth state; `null` deletes, as there. */
export class MemoryKeyStore implements SignalKeyStore {
  readonly #stores: Stores = {
    "pre-key": new Map(),
    session: new Map(),
    "sender-key": new Map(),
    "sender-key-memory": new Map(),
    "app-state-sync-key": new Map(),
    "app-state-sync-version": new Map(),
    "lid-mapping": new Map(),
    "device-list": new Map(),
    tctoken: new Map(),
    "identity-key": new Map(),
  };

  get<T extends KeyType>(type: T, ids: string[]): { [id: string]: SignalDataTypeMap[T] } {
    const found: { [id: string]: SignalDataTypeMap[T] } = {};
    for (const id of ids) {
      const value = this.#stores[type].get(id);
      if (value !== undefined) found[id] = value;
    }
    return found;
  }

  set(entries: SignalDataSet): void {
    for (const type of KEY_TYPES) this.#put(type, entries[type]);
  }

  /** Everything as JSON text, which {@link load} reads back. */
  dump(): string {
    const entries = KEY_TYPES.map((type) => [type, Object.fromEntries(this.#stores[type])]);
    return JSON.stringify(Object.fromEntries(entries), BufferJSON.replacer);
  }

  /** @param text what an earlier {@link dump} returned. */
  load(text: string): void {
    const entries: SignalDataSet = JSON.parse(text, BufferJSON.reviver);
    this.set(entries);
  }

  #put<T extends KeyType>(type: T, entries: SignalDataSet[T]): void {
    for (const id of Object.keys(entries ?? {})) {
      const value = entries?.[id] ?? null;
      if (value === null) this.#stores[type].delete(id);
      else this.#stores[type].set(id, value);
    }
  }
}
