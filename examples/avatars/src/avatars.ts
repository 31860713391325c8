import { access, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LookedUpPicture, type Wuts, WutsError } from "@wuts/client";
import PQueue from "p-queue";
import pRetry from "p-retry";
import type { Entry, Ledger } from "./ledger.ts";

export interface AvatarsOptions {
  readonly wuts: Wuts;
  readonly numbers: readonly string[];
  /** Where the pictures go. */
  readonly folder: string;
  readonly ledger: Ledger;
  /** Small ones. */
  readonly preview: boolean;
  /** Which device asks; the caller's only one when `undefined`. */
  readonly deviceId: string | undefined;
  /** Told of each number that is done with. */
  readonly onDone: (outcome: string) => void;
}

/** Looks everybody up, and saves the pictures that are not there already. */
export class Avatars {
  readonly #options: AvatarsOptions;
  readonly #downloads = new PQueue({ concurrency: 4 });
  readonly #tries = new Map<string, number>();
  /** What first stood in the way since it was last looked at. */
  #problem: unknown;

  constructor(options: AvatarsOptions) {
    this.#options = options;
  }

  /** @throws what stands in the way, when it will not pass, or nothing came of anything for minutes */
  async fetchAll(): Promise<void> {
    const backoff = { retries: 30, minTimeout: 500, maxTimeout: 15_000, randomize: true };
    while (this.#open().length > 0) {
      await pRetry(() => this.#makeProgress(), { ...backoff, shouldRetry: ({ error }) => passes(error) });
    }
  }

  #open(): string[] {
    return this.#options.numbers.filter((number) => !this.#options.ledger.has(number));
  }

  /** Asks about everybody who is left, once. @throws what stood in the way, when nothing came of it */
  async #makeProgress(): Promise<void> {
    const before = this.#options.ledger.size;
    this.#problem = undefined;
    try {
      const open = this.#open();
      for (let start = 0; start < open.length; start += mostAtOnce)
        await this.#lookUp(open.slice(start, start + mostAtOnce));
    } catch (error) {
      this.#problem ??= error;
    }
    await this.#downloads.onIdle();
    const isStuck = this.#options.ledger.size === before;
    const problem = this.#problem ?? new NoProgress();
    if (isStuck || !passes(problem)) throw problem;
  }

  async #lookUp(numbers: readonly string[]): Promise<void> {
    const { wuts, preview, deviceId } = this.#options;
    const device = deviceId === undefined ? {} : { device_id: deviceId };
    try {
      const looks = wuts.contacts.lookUpProfilePicturesStream({ numbers: [...numbers], preview, ...device });
      for await (const { item } of looks) {
        if (item) await this.#take(item);
        // Pictures that wait to be saved are not to pile up.
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
    const isSame = last?.picture_id === picture.id && last.file === this.#fileOf(input);
    if (isSame && (await this.#isSaved(last.file))) return this.#record(input, "FOUND", last);
    void this.#downloads.add(() => this.#download(input, picture.id));
  }

  async #download(number: string, id: string): Promise<void> {
    const { wuts, preview, deviceId, folder } = this.#options;
    const device = deviceId === undefined ? {} : { device_id: deviceId };
    try {
      const image = await wuts.contacts.getProfilePictureImage({ number, preview, ...device });
      const file = this.#fileOf(number);
      const path = join(folder, file);
      await writeFile(`${path}.new`, await image.bytes());
      // So that there is never half a picture under this name.
      await rename(`${path}.new`, path);
      await this.#record(number, "FOUND", { picture_id: id, file });
    } catch (error) {
      if (error instanceof WutsError && isOfNumber(error.code)) await this.#failed(number, error.code);
      else this.#problem ??= error;
    }
  }

  async #failed(number: string, code: string): Promise<void> {
    if (!isOfNumber(code)) return;
    const tries = (this.#tries.get(number) ?? 0) + 1;
    this.#tries.set(number, tries);
    if (tries < (mostTries[code] ?? 0)) return;
    const last = this.#options.ledger.last(number);
    // Of who has, or shows, no picture any more none is kept; else it may be the one that was saved before.
    const isGone = mostTries[code] === 1;
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

  /** Of another name in each size, so that one is not taken for the other. */
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

/** As many as the operation takes. */
const mostAtOnce = 200;

/** What says something of the number itself, and after how many times it is believed. All else is left for later. */
const mostTries: Readonly<Record<string, number>> = {
  VALIDATION_ERROR: 1,
  NOT_ON_WHATSAPP: 1,
  PICTURE_NOT_SET: 1,
  PICTURE_HIDDEN: 1,
  WHATSAPP_RATE_LIMITED: 3,
  WHATSAPP_ERROR: 3,
  WHATSAPP_TIMEOUT: 3,
};

/** Everybody was asked about, and nobody who is left can be told anything of yet. */
class NoProgress extends Error {
  constructor() {
    super("nothing can be found out about those who are left");
  }
}

function isOfNumber(code: string): boolean {
  return code in mostTries;
}

/** Whether it may be otherwise a little later: nobody answered, or who answered cannot just now. */
function passes(error: unknown): boolean {
  if (!(error instanceof WutsError)) return error instanceof NoProgress;
  return error.status < 400 || error.status === 429 || error.status >= 500;
}

/** @returns the numbers that are refused with all others, since they are longer than any */
function wrongNumbers(error: unknown, numbers: readonly string[]): string[] {
  if (!(error instanceof WutsError)) return [];
  return error.validation.flatMap(({ field }) => numbers[Number(/^numbers\.(\d+)$/.exec(field)?.[1])] ?? []);
}
