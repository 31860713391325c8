import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenBytes } from "@wuts/contract";
import { Mutex } from "async-mutex";
import { workSoFar } from "../../kernel/concurrency/work-so-far.ts";
import { namingUnavailable } from "../../storage/engine/unavailable.ts";
import type { PictureFileRepository, PictureKey } from "./picture-files.repository.ts";

/**
 * Stores picture bytes as files that are named by their SHA-256. The least recently used files are removed when there is
 * no room. A file is complete from the moment it has its name, whenever the server is killed.
 */
export class PictureFiles {
  readonly #folder: string;
  readonly #kept: PictureFileRepository;
  readonly #maxBytes: number;
  /** Serializes renames and removals of files. */
  readonly #changes = new Mutex();
  /** The number of readers of each file. */
  readonly #readers = new Map<string, number>();
  /** Files without references, to be removed after their last reader. */
  readonly #leaving = new Set<string>();

  /** @param maxBytes 0: each file is removed after its last reader */
  constructor(folder: string, kept: PictureFileRepository, maxBytes: number) {
    this.#folder = folder;
    this.#kept = kept;
    this.#maxBytes = maxBytes;
  }

  /** @returns the bytes of a picture, if they are stored */
  async find(key: PictureKey): Promise<OpenBytes | undefined> {
    return this.#changes.runExclusive(async () => {
      const kept = await this.#kept.find(key);
      if (!kept) return undefined;
      const size = await stat(this.#pathOf(kept.hash)).then(
        (file) => file.size,
        () => undefined,
      );
      // Another program has changed the folder.
      if (size !== kept.bytes) {
        await this.#kept.remove(key);
        return undefined;
      }
      await this.#kept.touch(key);
      return this.#read(kept.hash);
    });
  }

  /**
   * Writes the bytes of a picture to the disk, and keeps them if there is room.
   * @throws what `source` throws, or StorageUnavailable; then nothing is kept
   */
  async keep(key: PictureKey, source: AsyncIterable<Uint8Array>): Promise<OpenBytes> {
    await namingUnavailable(() => mkdir(this.#folder, { recursive: true, mode: 0o700 }));
    const unfinished = join(this.#folder, `${randomUUID()}${unfinishedSuffix}`);
    try {
      const { hash, bytes } = await write(unfinished, source);
      return await this.#changes.runExclusive(async () => {
        await namingUnavailable(() => rename(unfinished, this.#pathOf(hash)));
        const reading = this.#read(hash);
        await this.#kept.add(key, { hash, bytes });
        await this.#removeUnused(await this.#kept.shrinkTo(this.#maxBytes));
        return reading;
      });
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Deletes all pictures of a device. */
  async forget(deviceId: string): Promise<void> {
    await this.#changes.runExclusive(async () => {
      await this.#kept.removeOf(deviceId);
      await this.#tidy();
    });
  }

  /**
   * Removes files without references: those of devices that were deleted, also through another server, and those that a
   * killed server has left. Removes index entries of folders that were not used for long.
   */
  async tidy(): Promise<void> {
    await this.#changes.runExclusive(async () => {
      await this.#kept.removeOfOthers(new Date(Date.now() - forgottenMs));
      await this.#removeUnused(await this.#kept.shrinkTo(this.#maxBytes));
      await this.#tidy();
    });
  }

  /** Resolves when no work that needs the database is under way. */
  async stop(): Promise<void> {
    await workSoFar(this.#changes);
  }

  async #tidy(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((each) => each.endsWith(unfinishedSuffix))) {
      const path = join(this.#folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > abandonedMs) await rm(path, { force: true });
    }
    const hashes = names.filter((name) => /^[0-9a-f]{64}$/.test(name));
    for (let start = 0; start < hashes.length; start += hashesAtOnce)
      await this.#removeUnused(hashes.slice(start, start + hashesAtOnce));
  }

  /** Removes unreferenced files, or leaves them to their last reader. Call only within a change. */
  async #removeUnused(hashes: readonly string[]): Promise<void> {
    const used = await this.#kept.used(hashes);
    for (const hash of new Set(hashes))
      if (used.has(hash)) this.#leaving.delete(hash);
      else if (this.#readers.has(hash)) this.#leaving.add(hash);
      else {
        this.#leaving.delete(hash);
        await rm(this.#pathOf(hash), { force: true });
      }
  }

  #read(hash: string): OpenBytes {
    this.#readers.set(hash, (this.#readers.get(hash) ?? 0) + 1);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    let isOpen = true;
    return {
      path: this.#pathOf(hash),
      close: async () => {
        if (!isOpen) return closed;
        isOpen = false;
        const others = (this.#readers.get(hash) ?? 1) - 1;
        if (others > 0) this.#readers.set(hash, others);
        else {
          this.#readers.delete(hash);
          if (this.#leaving.has(hash)) await this.#changes.runExclusive(() => this.#removeUnused([hash]));
        }
        resolve();
      },
    };
  }

  #pathOf(hash: string): string {
    return join(this.#folder, hash);
  }
}

const unfinishedSuffix = ".unfinished";

/** Longer than any download may take, including another server's into the same folder. */
const abandonedMs = 600_000;

/** Pictures of a folder in use are used more often than this; an unused one is fetched again. */
const forgottenMs = 90 * 86_400_000;

/** The most hashes in one database query. */
const hashesAtOnce = 500;

/** Resolves when the bytes are on the disk. */
async function write(
  path: string,
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly hash: string; readonly bytes: number }> {
  const file = await namingUnavailable(() => open(path, "wx", 0o600));
  try {
    const digest = createHash("sha256");
    let bytes = 0;
    for await (const chunk of source) {
      digest.update(chunk);
      bytes += chunk.byteLength;
      await namingUnavailable(() => file.writeFile(chunk));
    }
    await namingUnavailable(() => file.sync());
    return { hash: digest.digest("hex"), bytes };
  } finally {
    await file.close();
  }
}
