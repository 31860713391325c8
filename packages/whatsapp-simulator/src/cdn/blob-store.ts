import { createHash } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { CdnFile } from "./file-response.ts";

const MOST_BYTES = 64 * 1024 * 1024;

/** Encrypted files by name; beyond 64 MB together the oldest are forgotten. */
export class BlobStore {
  readonly #files = new Map<string, CdnFile>();
  readonly #clock: Clock;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the name: the same for the same bytes. */
  put(body: Uint8Array): string {
    const name = createHash("sha256").update(body).digest("base64url");
    if (this.#files.has(name)) return name;
    this.#files.set(name, { body, type: "application/octet-stream", modified: this.#clock.now() });
    this.#bytes += body.length;
    for (const [oldest, file] of this.#files) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#files.delete(oldest);
      this.#bytes -= file.body.length;
    }
    return name;
  }

  get(name: string): CdnFile | undefined {
    return this.#files.get(name);
  }
}
