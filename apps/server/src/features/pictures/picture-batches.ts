import { asCompleted } from "../../kernel/concurrency/as-completed.ts";
import { RateLimiter, type RateLimiterOptions } from "../../kernel/concurrency/rate-limiter.ts";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import type { PictureSize } from "./picture-stanza.ts";
import type { PictureOutcome, ProfilePictures } from "./profile-pictures.ts";

export interface PictureBatchesOptions extends RateLimiterOptions {
  /** How long the turns of a batch may be waited for when its answer comes in one piece, in milliseconds. */
  readonly timeoutMs: number;
  /** After so long without an outcome, it is said that the work goes on, in milliseconds. */
  readonly heartbeatMs: number;
}

export interface BatchOptions {
  readonly size: PictureSize;
  /** WhatsApp is asked even about those of whom it is remembered what it said. */
  readonly noCache: boolean;
  /** Nothing more is asked once it is aborted. */
  readonly signal: AbortSignal;
}

/** What came of one of many. */
export interface Found {
  readonly target: Jid;
  readonly outcome: PictureOutcome;
}

/** Looks many profile pictures up through one device, all batches at one pace. */
export class PictureBatches {
  readonly #device: Device;
  readonly #pictures: ProfilePictures;
  readonly #pace: RateLimiter;
  readonly #usualPerMinute: number;
  readonly #timeoutMs: number;
  readonly #heartbeatMs: number;

  constructor(device: Device, pictures: ProfilePictures, options: PictureBatchesOptions) {
    this.#device = device;
    this.#pictures = pictures;
    this.#usualPerMinute = options.perMinute;
    this.#pace = new RateLimiter({ ...options, perMinute: this.#perMinute });
    this.#timeoutMs = options.timeoutMs;
    this.#heartbeatMs = options.heartbeatMs;
  }

  /** To be told when the device's pace is another one: what is under way goes on at that. */
  applyDeviceRate(): void {
    this.#pace.setRate(this.#perMinute);
  }

  /**
   * Looks pictures up, each once. Whose turn does not come in time gets DeviceBusy.
   * @returns what came of each
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy before anything was asked; the reason of `signal`
   */
  async lookUp(targets: readonly Jid[], options: BatchOptions): Promise<ReadonlyMap<Jid, PictureOutcome>> {
    const tooLate = AbortSignal.timeout(this.#timeoutMs);
    const work = await this.#begin(targets, options, AbortSignal.any([options.signal, tooLate]));
    const found = work.map(async ({ target, outcome }): Promise<[Jid, PictureOutcome]> => {
      const inTime = outcome.catch((error: unknown) => {
        if (tooLate.aborted && error === tooLate.reason) return turnDidNotCome();
        throw error;
      });
      return [target, await inTime];
    });
    return new Map(await Promise.all(found));
  }

  /**
   * As `lookUp`, but gives what comes of each as soon as it comes, and waits for every turn. Nothing more is asked once
   * nobody reads on.
   * @returns `undefined` now and then while nothing comes
   */
  async *stream(targets: readonly Jid[], options: BatchOptions): AsyncGenerator<Found | undefined> {
    const unread = new AbortController();
    const work = await this.#begin(targets, options, AbortSignal.any([options.signal, unread.signal]));
    try {
      yield* asCompleted(
        work.map(async ({ target, outcome }) => ({ target, outcome: await outcome })),
        this.#heartbeatMs,
      );
    } finally {
      unread.abort();
    }
  }

  /** @param batchSignal until it is aborted, slots are waited for */
  async #begin(targets: readonly Jid[], options: BatchOptions, batchSignal: AbortSignal) {
    const named = [...new Set(targets)];
    // They wait for no slot, and use none up.
    const remembered = await this.#pictures.cached(named, options);
    const wanted = named.filter((target) => !remembered.has(target));
    this.#pace.assertCapacity(wanted.length);
    return [
      ...[...remembered].map(([target, outcome]) => ({ target, outcome: Promise.resolve(outcome) })),
      ...wanted.map((target, place) => ({
        target,
        outcome: this.#pace.schedule(() => this.#lookUpOne(target, options, batchSignal), place, batchSignal),
      })),
    ];
  }

  get #perMinute(): number {
    return this.#device.picturesPerMinute ?? this.#usualPerMinute;
  }

  /** @param batchSignal until it is aborted, a lost connection is waited for */
  async #lookUpOne(
    target: Jid,
    { size, noCache }: BatchOptions,
    batchSignal: AbortSignal,
  ): Promise<PictureOutcome> {
    try {
      await this.#device.untilReady(batchSignal);
      const picture = await this.#pictures.find(target, { size, knownId: undefined, noCache });
      this.#pace.resetBackoff();
      if (picture.unchanged) throw new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
      return picture;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.name === "WhatsAppRateLimited") this.#pace.backOff();
      else if (answers.has(error.name)) this.#pace.resetBackoff();
      return error;
    }
  }
}

/** Failures that WhatsApp itself has told: it does not mind being asked. */
const answers: ReadonlySet<string> = new Set(["NotOnWhatsApp", "PictureNotSet", "PictureHidden"]);

function turnDidNotCome(): Failure {
  return new Failure("DeviceBusy", { message: "its turn did not come in time; ask for it again later" });
}
