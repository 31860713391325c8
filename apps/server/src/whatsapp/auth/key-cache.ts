import { LRUCache } from "lru-cache";
import type { DeviceCredentials, KeyChange } from "./credentials.repository.ts";

/**
 * A read-through cache of the keys that each query about a person needs, so that they are not read and decrypted each time. It
 * serves a single connection, since no other one changes the keys.
 */
export class KeyCache implements Pick<DeviceCredentials, "readKeys"> {
  readonly #credentials: Pick<DeviceCredentials, "readKeys">;
  /** By type and id. By size, since with `max` an idle device would take up the room of a full cache. */
  readonly #cache = new LRUCache<string, CachedKey>({ maxSize: maxKeys, sizeCalculation: () => 1 });
  /** Rises with each change of a key: values that were read before the change are not cached. */
  #generation = 0;

  constructor(credentials: Pick<DeviceCredentials, "readKeys">) {
    this.#credentials = credentials;
  }

  async readKeys(type: string, ids: readonly string[]): Promise<{ id: string; value: string }[]> {
    if (!cachedTypes.has(type)) return this.#credentials.readKeys(type, ids);
    // Now: while the others are read, these may be evicted or changed.
    const keys = new Map(ids.map((id) => [id, this.#cache.get(cacheKey(type, id))]));
    const missing = ids.filter((id) => keys.get(id) === undefined);
    const generation = this.#generation;
    const read = missing.length === 0 ? [] : await this.#credentials.readKeys(type, missing);
    const values = new Map(read.map(({ id, value }) => [id, value]));
    for (const id of missing) {
      const key = { value: values.get(id) };
      keys.set(id, key);
      if (generation === this.#generation) this.#cache.set(cacheKey(type, id), key);
    }
    return ids.flatMap((id) => {
      const value = keys.get(id)?.value;
      return value === undefined ? [] : [{ id, value }];
    });
  }

  /** To be called when changes are written, and before anything else reads them. */
  invalidate(changes: readonly KeyChange[]): void {
    this.#generation += 1;
    for (const { type, id } of changes) this.#cache.delete(cacheKey(type, id));
  }

  clear(): void {
    this.#generation += 1;
    this.#cache.clear();
  }
}

/** As JSON text; `undefined`: it is known that there is none. */
interface CachedKey {
  readonly value: string | undefined;
}

function cacheKey(type: string, id: string): string {
  return `${type} ${id}`;
}

/** Which LID a number has, and the token that a contact gave; of others there are few questions, or large answers. */
const cachedTypes: ReadonlySet<string> = new Set(["lid-mapping", "tctoken"]);

/** A few hundred kilobytes for a device that queries that many contacts, next to nothing for an idle device. */
const maxKeys = 2_000;
