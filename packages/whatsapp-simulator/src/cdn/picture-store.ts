import { createHash } from "node:crypto";
import type { PictureDescription } from "../model/picture.ts";
import type { Clock } from "./clock.ts";
import { drawPicture } from "./drawn-picture.ts";
import type { CdnFile } from "./file-response.ts";

export type PictureSize = "image" | "preview";

const PIXELS: Record<PictureSize, number> = { image: 640, preview: 96 };
const CAPACITY = 1_000;

/** The pictures that answers have named, by id; beyond 1,000 the one named longest ago is forgotten. */
export class PictureStore {
  readonly #pictures = new Map<string, PictureFiles>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(picture: PictureDescription): PictureFiles {
    const known = this.#pictures.get(picture.id);
    if (known && known.image === picture.image) return known;
    const files = new PictureFiles(picture, this.#clock.now());
    this.#pictures.delete(picture.id);
    this.#pictures.set(picture.id, files);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= CAPACITY) break;
      this.#pictures.delete(oldest);
    }
    return files;
  }

  get(id: string): PictureFiles | undefined {
    return this.#pictures.get(id);
  }

  remove(id: string): void {
    this.#pictures.delete(id);
  }
}

interface PictureFile extends CdnFile {
  /** SHA-256 of the bytes, base64. */
  readonly hash: string;
}

/** The bytes of one picture in both sizes, drawn when first asked for. A given image serves as both. */
class PictureFiles {
  readonly image: Uint8Array | undefined;
  readonly #id: string;
  readonly #since: number;
  readonly #files = new Map<PictureSize, PictureFile>();

  constructor(picture: PictureDescription, since: number) {
    this.image = picture.image;
    this.#id = picture.id;
    this.#since = since;
  }

  of(size: PictureSize): PictureFile {
    const known = this.#files.get(size);
    if (known) return known;
    const body = this.image ?? drawPicture(this.#id, PIXELS[size]);
    const hash = createHash("sha256").update(body).digest("base64");
    const file = { body, hash, type: mediaType(body), modified: this.#since };
    this.#files.set(size, file);
    return file;
  }
}

function mediaType(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (start.startsWith("ffd8ff")) return "image/jpeg";
  if (start === "89504e47") return "image/png";
  return "application/octet-stream";
}
