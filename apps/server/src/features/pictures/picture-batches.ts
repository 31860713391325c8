import { asCompleted } from "../../kernel/concurrency/as-completed.ts";
import { RateLimiter, type RateLimiterOptions } from "../../kernel/concurrency/rate-limiter.ts";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import type { PictureSize } from "./picture-stanza.ts";
import type { PictureOutcome, ProfilePictures } from "./profile-pictures.ts";

export interface PictureBatchesOptions extends RateLimiterOptions {
  /** How long a batch with a single response may wait for its slots, in milliseconds. */
  readonly timeoutMs: number;
  /** The interval of heartbeats while no outcome comes, in milliseconds. */
  readonly heartbeatMs: number;
}

export interface BatchOptions {
  readonly size: PictureSize;
  /** Whether to bypass the cache and ask WhatsApp. */
  readonly noCache: boolean;
  /** Once aborted, no more queries are sent. */
  readonly signal: AbortSignal;
}

/** The outcome for one target of a batch. */
export interface Found {
  readonly target: Jid;
  readonly outcome: PictureOutcome;
}

/** Looks up many profile pictures through one device; all batches share a rate limiter. */
export class PictureBatches {
  readonly #device: Device;
  readonly #pictures: ProfilePictures;
  readonly #rateLimiter: RateLimiter;
  readonly #usualPerMinute: number;
  readonly #timeoutMs: number;
  readonly #heartbeatMs: number;

  constructor(device: Device, pictures: ProfilePictures, options: PictureBatchesOptions) {
    this.#device = device;
    this.#pictures = pictures;
    this.#usualPerMinute = options.perMinute;
    this.#rateLimiter = new RateLimiter({ ...options, perMinute: this.#perMinute });
    this.#timeoutMs = options.timeoutMs;
    this.#heartbeatMs = options.heartbeatMs;
  }

  /** Applies a changed rate of the device; batches under way continue at the new rate. */
  applyDeviceRate(): void {
    this.#rateLimiter.setRate(this.#perMinute);
  }

  /**
   * Looks up each picture once. Targets whose slot does not come in time get DeviceBusy.
   * @returns the outcome of each target
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy before any query was sent; the reason of `signal`
   */
  async lookUp(targets: readonly Jid[], options: BatchOptions): Promise<ReadonlyMap<Jid, PictureOutcome>> {
    const tooLate = AbortSignal.timeout(this.#timeoutMs);
    const work = await this.#begin(targets, options, AbortSignal.any([options.signal, tooLate]));
    const found = work.map(async ({ target, outcome }): Promise<[Jid, PictureOutcome]> => {
      const inTime = outcome.catch((error: unknown) => {
        if (tooLate.aborted && error === tooLate.reason) return turnTimedOut();
        throw error;
      });
      return [target, await inTime];
    });
    return new Map(await Promise.all(found));
  }

  /**
   * As `lookUp`, but yields each outcome as soon as it comes, and waits for every slot. Sends no more queries once the
   * client stops reading.
   * @returns `undefined` as a heartbeat while no outcome comes
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

  /** @param batchSignal stops waiting for slots */
  async #begin(targets: readonly Jid[], options: BatchOptions, batchSignal: AbortSignal) {
    const named = [...new Set(targets)];
    // Cached outcomes need no slot.
    const remembered = await this.#pictures.cached(named, options);
    const wanted = named.filter((target) => !remembered.has(target));
    this.#rateLimiter.assertCapacity(wanted.length);
    return [
      ...[...remembered].map(([target, outcome]) => ({ target, outcome: Promise.resolve(outcome) })),
      ...wanted.map((target, place) => ({
        target,
        outcome: this.#rateLimiter.schedule(
          () => this.#lookUpOne(target, options, batchSignal),
          place,
          batchSignal,
        ),
      })),
    ];
  }

  get #perMinute(): number {
    return this.#device.picturesPerMinute ?? this.#usualPerMinute;
  }

  /** @param batchSignal stops waiting for a lost connection */
  async #lookUpOne(
    target: Jid,
    { size, noCache }: BatchOptions,
    batchSignal: AbortSignal,
  ): Promise<PictureOutcome> {
    try {
      await this.#device.untilReady(batchSignal);
      const picture = await this.#pictures.find(target, { size, knownId: undefined, noCache, isPaced: true });
      this.#rateLimiter.resetBackoff();
      if (picture.unchanged) throw new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
      return picture;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.name === "WhatsAppRateLimited") this.#rateLimiter.backOff();
      else if (answers.has(error.name)) this.#rateLimiter.resetBackoff();
      return error;
    }
  }
}

/** Failures that are WhatsApp's own replies, which show that it is not limiting the rate. */
const answers: ReadonlySet<string> = new Set(["NotOnWhatsApp", "PictureNotSet", "PictureHidden"]);

function turnTimedOut(): Failure {
  return new Failure("DeviceBusy", { message: "its turn did not come in time; ask for it again later" });
}
