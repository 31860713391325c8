import { Failure } from "../failures.ts";
import type { Jid } from "../whatsapp/jid.ts";
import type { PictureSize } from "../whatsapp/picture-stanza.ts";
import type { Device } from "./device.ts";
import { Pace, type PaceOptions } from "./pace.ts";
import type { PictureOutcome, ProfilePictures } from "./profile-pictures.ts";

export interface PictureBatchesOptions extends PaceOptions {
  /** How long the turns of a batch may be waited for when its answer comes in one piece, in milliseconds. */
  readonly timeoutMs: number;
}

export interface BatchOptions {
  readonly size: PictureSize;
  /** WhatsApp is asked even about those of whom it is remembered what it said. */
  readonly noCache: boolean;
  /** Nothing more is asked once it is aborted. */
  readonly closed: AbortSignal;
}

/** Looks many profile pictures up through one device, all batches at one pace. */
export class PictureBatches {
  readonly #device: Device;
  readonly #pictures: ProfilePictures;
  readonly #pace: Pace;
  readonly #timeoutMs: number;

  constructor(device: Device, pictures: ProfilePictures, options: PictureBatchesOptions) {
    this.#device = device;
    this.#pictures = pictures;
    this.#pace = new Pace(options);
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * Looks pictures up, each once. Whose turn does not come in time gets DeviceBusy.
   * @returns what came of each
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy before anything was asked; the reason of `closed`
   */
  async lookUp(targets: readonly Jid[], options: BatchOptions): Promise<ReadonlyMap<Jid, PictureOutcome>> {
    this.#device.ready();
    const named = [...new Set(targets)];
    // They wait for no turn, and use none up.
    const remembered = await this.#pictures.remembered(named, options);
    const wanted = named.filter((target) => !remembered.has(target));
    this.#pace.refuseMoreThanFits(wanted.length);
    const tooLate = AbortSignal.timeout(this.#timeoutMs);
    const patience = AbortSignal.any([options.closed, tooLate]);
    const found = wanted.map(async (target, place): Promise<[Jid, PictureOutcome]> => {
      const work = () => this.#lookUpOne(target, options);
      const outcome = this.#pace.run(work, place, patience).catch((error: unknown) => {
        if (tooLate.aborted && error === tooLate.reason) return turnDidNotCome();
        throw error;
      });
      return [target, await outcome];
    });
    return new Map([...remembered, ...(await Promise.all(found))]);
  }

  async #lookUpOne(target: Jid, { size, noCache }: BatchOptions): Promise<PictureOutcome> {
    try {
      const picture = await this.#pictures.find(target, { size, knownId: undefined, noCache });
      this.#pace.goOn();
      if (picture.unchanged) throw new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
      return picture;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.name === "WhatsAppRateLimited") this.#pace.slowDown();
      else if (answers.has(error.name)) this.#pace.goOn();
      return error;
    }
  }
}

/** Failures that WhatsApp itself has told: it does not mind being asked. */
const answers: ReadonlySet<string> = new Set(["NotOnWhatsApp", "PictureNotSet", "PictureHidden"]);

function turnDidNotCome(): Failure {
  return new Failure("DeviceBusy", { message: "its turn did not come in time; ask for it again later" });
}
