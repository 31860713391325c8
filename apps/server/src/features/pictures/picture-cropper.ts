import { FairQueue } from "../../kernel/concurrency/fair-queue.ts";
import { Failure } from "../../kernel/failures.ts";
import { animated, inspectImageFile } from "./image-file.ts";

/** Crops and scales pictures to WhatsApp's format, off the event loop: limited concurrency, a short queue, bounded time. */
export class PictureCropper {
  readonly #queue: FairQueue;
  readonly #limitBytes: number;

  /** @param limitBytes the largest accepted file */
  constructor(limitBytes: number, { maxWaiting = 8 }: { readonly maxWaiting?: number } = {}) {
    this.#queue = new FairQueue({
      // Each job takes one of the four threads that files and DNS need too, and memory for its pixels.
      concurrency: 2,
      maxWaiting,
      limitMs: timeoutMs,
      refusal: () => new Failure("DeviceBusy", { message: "too many pictures are being prepared" }),
    });
    this.#limitBytes = limitBytes;
  }

  /**
   * Cuts the middle square out of a picture and scales it.
   * @param image a JPEG, PNG or WebP file in base64
   * @param owner the tenant; tenants take turns in the queue
   * @returns a JPEG of 640 by 640 pixels, the right way up, without metadata
   * @throws Failure ValidationFailed naming `image`, PayloadTooLarge, DeviceBusy when too many of the owner wait already
   */
  async prepare(image: string, owner: string): Promise<Buffer> {
    if (Buffer.byteLength(image, "base64") > this.#limitBytes)
      throw new Failure("PayloadTooLarge", {
        message: `the picture is larger than ${this.#limitBytes} bytes`,
      });
    const file = Buffer.from(image, "base64");
    const { problem } = inspectImageFile(file);
    if (problem !== undefined) throw refused(problem);
    return this.#queue
      .run(owner, () => square(file))
      .catch((error: unknown) => {
        throw error instanceof Failure ? error : refused("cannot be read", error);
      });
  }
}

/** The size that WhatsApp's own apps upload. */
const side = 640;

/** Limit of width times height: a small file can have very many pixels, and each takes four bytes or more. */
const maxPixels = 40_000_000;

const timeoutMs = 10_000;

/** Loads sharp on first use: most servers never need it. */
async function loadSharp() {
  const { default: sharp } = await import("sharp");
  // Applies to all uses of sharp in this process: files are never the same twice, and one thread a picture is enough.
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

async function square(file: Buffer): Promise<Buffer> {
  const sharp = await loadSharp();
  // Reads only the header, so the pixel limit is not needed here.
  const { autoOrient, pages = 1 } = await sharp(file, { limitInputPixels: false }).metadata();
  if (pages > 1) throw refused(animated);
  const { width, height } = autoOrient;
  if (width * height > maxPixels) throw refused(`must have at most ${maxPixels} pixels`);
  const length = Math.min(width, height);
  return (
    sharp(file, { limitInputPixels: maxPixels, failOn: "error" })
      .autoOrient()
      // Crop before scaling: otherwise a strip of one pixel by many would become 640 by very many.
      .extract({
        left: Math.floor((width - length) / 2),
        top: Math.floor((height - length) / 2),
        width: length,
        height: length,
      })
      .resize(side, side)
      // JPEG has no transparency; without this, transparent parts would be black.
      .flatten({ background: "white" })
      .jpeg({ quality: 80 })
      .timeout({ seconds: timeoutMs / 1_000 })
      .toBuffer()
  );
}

function refused(message: string, cause?: unknown): Failure {
  return new Failure("ValidationFailed", { validation: [{ field: "image", message }], cause });
}
