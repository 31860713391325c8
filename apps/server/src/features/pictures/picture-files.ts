import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OpenBytes } from "@wuts/contract";
import { Mutex } from "async-mutex";
import { namingUnavailable } from "../../storage/engine/unavailable.ts";
import type { PictureFileRepository, PictureKey } from "./picture-files.repository.ts";

/**
 * The bytes of pictures, as files that are named by the SHA-256 of what is in them. What does not fit goes, whatever was
 * not used longest first. A file is complete from the moment it has its name, whenever the server is killed.
 */
export class PictureFiles {
  readonly #folder: string;
  readonly #kept: PictureFileRepository;
  readonly #maxBytes: number;
  /** What takes names, and what takes files away, one after the other. */
  readonly #changes = new Mutex();
  /** How many are reading each file. */
  readonly #readers = new Map<string, number>();
  /** What nothing refers to any more, and goes when it is not read any more. */
  readonly #leaving = new Set<string>();

  /** @param maxBytes 0: each file goes when nobody reads it any more */
  constructor(folder: string, kept: PictureFileRepository, maxBytes: number) {
    this.#folder = folder;
    this.#kept = kept;
    this.#maxBytes = maxBytes;
  }

  /** @returns the bytes of a picture, if they are kept */
  async find(key: PictureKey): Promise<OpenBytes | undefined> {
    return this.#changes.runExclusive(async () => {
      const kept = await this.#kept.find(key);
      if (!kept) return undefined;
      const size = await stat(this.#pathOf(kept.hash)).then(
        (file) => file.size,
        () => undefined,
      );
      // Somebody else has been in the folder.
      if (size !== kept.bytes) {
        await this.#kept.remove(key);
        return undefined;
      }
      await this.#kept.touch(key);
      return this.#read(kept.hash);
    });
  }

  /**
   * Writes the bytes of a picture to the disk, and keeps them as far as there is room.
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

  /** Forgets everything that is kept for a device. */
  async forget(deviceId: string): Promise<void> {
    await this.#changes.runExclusive(async () => {
      await this.#kept.removeOf(deviceId);
      await this.#tidy();
    });
  }

  /**
   * Removes the files that nothing refers to: of devices that are gone, be it through another server, or that a killed server has
   * left. Forgets what is in folders that nobody has used for long.
   */
  async tidy(): Promise<void> {
    await this.#changes.runExclusive(async () => {
      await this.#kept.removeOfOthers(new Date(Date.now() - forgottenMs));
      await this.#removeUnused(await this.#kept.shrinkTo(this.#maxBytes));
      await this.#tidy();
    });
  }

  /** Resolves when nothing is under way that needs the database. */
  async stop(): Promise<void> {
    await this.#changes.waitForUnlock();
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

  /** Files that are read stay until they are not. Only within a change. */
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

/** Longer than any download may take, another server's on the same folder too. */
const abandonedMs = 600_000;

/** Pictures of a folder that is in use are used more often; one that is not is fetched again. */
const forgottenMs = 90 * 86_400_000;

/** As many as a database takes in one question. */
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
