import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredBytes } from "@wuts/contract";

/** The examples of bytes, in files: the server's front sends bytes from files, ranges of them included. */
export class ExampleFiles {
  #folder: Promise<string> | undefined;

  /** @param etag of the example in the contract, with its quotes; one is made from the bytes otherwise */
  stored(bytes: Buffer, etag: string | undefined): StoredBytes {
    const name = createHash("sha256").update(bytes).digest("hex");
    return {
      etag: etag ?? `"${name.slice(0, 16)}"`,
      open: async () => {
        this.#folder ??= mkdtemp(join(tmpdir(), "wuts-mock-"));
        const path = join(await this.#folder, name);
        await writeFile(path, bytes);
        return { path, close: () => Promise.resolve() };
      },
    };
  }

  async remove(): Promise<void> {
    const folder = await this.#folder;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
