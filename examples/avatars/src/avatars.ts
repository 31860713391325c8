import { access, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LookedUpPicture, type Wuts, WutsError } from "@wuts/client";
import PQueue from "p-queue";
import pRetry from "p-retry";
import type { Entry, Ledger } from "./ledger.ts";

export interface AvatarsOptions {
  readonly wuts: Wuts;
  readonly numbers: readonly string[];
  /** The folder of the pictures. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** Whether to download previews instead of full images. */
  readonly preview: boolean;
  /** The id of the device; `undefined` for the caller's only device. */
  readonly deviceId: string | undefined;
  /** Called with the outcome of each number. */
  readonly onDone: (outcome: string) => void;
}

/** Looks up all numbers, and downloads the pictures that are new or changed. */
export class Avatars {
  readonly #options: AvatarsOptions;
  readonly #downloads = new PQueue({ concurrency: 4 });
  readonly #attempts = new Map<string, number>();
  /** The first error of the current pass. */
  #problem: unknown;

  constructor(options: AvatarsOptions) {
    this.#options = options;
  }

  /** @throws the error that a retry cannot solve, or the last one after minutes without progress */
  async fetchAll(): Promise<void> {
    const backoff = { retries: 30, minTimeout: 500, maxTimeout: 15_000, randomize: true };
    while (this.#open().length > 0) {
      await pRetry(() => this.#makeProgress(), {
        ...backoff,
        shouldRetry: ({ error }) => isRetryable(error),
      });
    }
  }

  #open(): string[] {
    return this.#options.numbers.filter((number) => !this.#options.ledger.has(number));
  }

  /** Looks up the remaining numbers once. @throws the first error when there was no progress, or a retry cannot solve it */
  async #makeProgress(): Promise<void> {
    const before = this.#options.ledger.size;
    this.#problem = undefined;
    try {
      const open = this.#open();
      for (let start = 0; start < open.length; start += batchSize)
        await this.#lookUp(open.slice(start, start + batchSize));
    } catch (error) {
      this.#problem ??= error;
    }
    await this.#downloads.onIdle();
    const isStuck = this.#options.ledger.size === before;
    const problem = this.#problem ?? new NoProgress();
    if (isStuck || !isRetryable(problem)) throw problem;
  }

  async #lookUp(numbers: readonly string[]): Promise<void> {
    const { wuts, preview, deviceId } = this.#options;
    const device = deviceId === undefined ? {} : { device_id: deviceId };
    try {
      const looks = wuts.contacts.lookUpProfilePicturesStream({ numbers: [...numbers], preview, ...device });
      for await (const { item } of looks) {
        if (item) await this.#take(item);
        // Backpressure: limits the queued downloads.
        await this.#downloads.onSizeLessThan(16);
      }
    } catch (error) {
      const wrong = wrongNumbers(error, numbers);
      if (wrong.length === 0) throw error;
      for (const number of wrong) await this.#record(number, "VALIDATION_ERROR");
      await this.#lookUp(numbers.filter((number) => !wrong.includes(number)));
    }
  }

  async #take({ input, picture, error_code }: LookedUpPicture): Promise<void> {
    if (picture === null) return this.#failed(input, error_code ?? "");
    const last = this.#options.ledger.last(input);
    const isSame = last?.picture_id === picture.picture_id && last.file === this.#fileOf(input);
    if (isSame && (await this.#isSaved(last.file))) return this.#record(input, "FOUND", last);
    void this.#downloads.add(() => this.#download(input, picture.picture_id));
  }

  async #download(number: string, id: string): Promise<void> {
    const { wuts, preview, deviceId, folder } = this.#options;
    const device = deviceId === undefined ? {} : { device_id: deviceId };
    try {
      const image = await wuts.contacts.getProfilePictureImage({ number, preview, ...device });
      const file = this.#fileOf(number);
      const path = join(folder, file);
      await writeFile(`${path}.new`, await image.bytes());
      // The rename is atomic, so that a file is never incomplete.
      await rename(`${path}.new`, path);
      await this.#record(number, "FOUND", { picture_id: id, file });
    } catch (error) {
      if (error instanceof WutsError && isOfNumber(error.code)) await this.#failed(number, error.code);
      else this.#problem ??= error;
    }
  }

  async #failed(number: string, code: string): Promise<void> {
    if (!isOfNumber(code)) return;
    const attempts = (this.#attempts.get(number) ?? 0) + 1;
    this.#attempts.set(number, attempts);
    if (attempts < (maxAttempts[code] ?? 0)) return;
    const last = this.#options.ledger.last(number);
    // The old file is deleted when the picture was removed or hidden; after other errors it may still be valid.
    const isGone = maxAttempts[code] === 1;
    if (isGone && last && last.file !== "") await rm(join(this.#options.folder, last.file), { force: true });
    await this.#record(number, code, isGone ? undefined : last);
  }

  async #record(
    number: string,
    outcome: string,
    { picture_id, file }: Pick<Entry, "picture_id" | "file"> = { picture_id: "", file: "" },
  ): Promise<void> {
    await this.#options.ledger.record({ number, outcome, picture_id, file });
    this.#options.onDone(outcome);
  }

  /** The name contains the size, since preview and full image are different files. */
  #fileOf(number: string): string {
    return `${number.replaceAll(/\D/g, "")}${this.#options.preview ? "" : ".full"}.jpg`;
  }

  #isSaved(file: string): Promise<boolean> {
    return access(join(this.#options.folder, file)).then(
      () => true,
      () => false,
    );
  }
}

/** The contract's limit of numbers in one request. */
const batchSize = 200;

/** The attempts after which an error is final, by its code. Other errors are not about the number, and are retried. */
const maxAttempts: Readonly<Record<string, number>> = {
  VALIDATION_ERROR: 1,
  NOT_ON_WHATSAPP: 1,
  PICTURE_NOT_SET: 1,
  PICTURE_HIDDEN: 1,
  WHATSAPP_RATE_LIMITED: 3,
  WHATSAPP_ERROR: 3,
  WHATSAPP_TIMEOUT: 3,
};

/** A pass over the remaining numbers had no final outcome and no error. */
class NoProgress extends Error {
  constructor() {
    super("no progress with the remaining numbers");
  }
}

function isOfNumber(code: string): boolean {
  return code in maxAttempts;
}

/** Whether a retry can succeed: there was no response, or a temporary error. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof WutsError)) return error instanceof NoProgress;
  return error.status < 400 || error.status === 429 || error.status >= 500;
}

/** @returns the numbers that made the server reject the whole request, since they are too long */
function wrongNumbers(error: unknown, numbers: readonly string[]): string[] {
  if (!(error instanceof WutsError)) return [];
  return error.validation.flatMap(({ field }) => numbers[Number(/^numbers\.(\d+)$/.exec(field)?.[1])] ?? []);
}
