import { LRUCache } from "lru-cache";
import { batchLoader } from "../kernel/concurrency/batch-loader.ts";
import type { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import type { Database } from "../storage/engine/database.ts";
import { deviceRepository } from "./devices.repository.ts";

/**
 * The ids of each user's devices, which a request that names no device needs. They are remembered until another process changes
 * any; whether one did is checked when a request is let in.
 */
export class OwnedDevices {
  readonly #read: (userId: string) => Promise<readonly string[] | undefined>;
  readonly #elsewhere: Pick<ChangesElsewhere, "version">;
  readonly #remembered = new LRUCache<string, readonly string[]>({ max: rememberedUsers });
  #version: number | undefined;
  #generation = 0;

  constructor(database: Database, elsewhere: Pick<ChangesElsewhere, "version">) {
    this.#read = batchLoader(async (userIds) => {
      const rows = deviceRepository(database);
      const all = userIds.map(async (id) => [id, idsOf(await rows.listOwned(id, maxCandidates))] as const);
      return new Map(await Promise.all(all));
    });
    this.#elsewhere = elsewhere;
  }

  /** @returns the ids of the user's devices, oldest first: all of them, or as many as are named to a caller who must choose */
  async of(userId: string): Promise<readonly string[]> {
    const { version } = this.#elsewhere;
    if (version !== this.#version) this.forget();
    this.#version = version;
    const remembered = this.#remembered.get(userId);
    if (remembered) return remembered;
    const generation = this.#generation;
    const ids = (await this.#read(userId)) ?? [];
    // What was read before a change must not be remembered after it.
    if (version !== undefined && generation === this.#generation) this.#remembered.set(userId, ids);
    return ids;
  }

  /** Call it after this process has created or deleted a device. */
  forget(): void {
    this.#generation += 1;
    this.#remembered.clear();
  }
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

const rememberedUsers = 10_000;

/** The most ids that a DeviceAmbiguous failure names. */
const maxCandidates = 20;
