import type { StoredBytes } from "@wuts/contract";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import type { QueryClient } from "../../sessions/query-client.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import { type DownloadOptions, downloadPicture } from "./picture-download.ts";
import type { PictureKey } from "./picture-files.repository.ts";
import type { PictureFiles } from "./picture-files.ts";
import type { PictureOptions, ProfilePictures } from "./profile-pictures.ts";

/** What the bytes of pictures come from. */
export interface PictureImagesParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly pictures: ProfilePictures;
  readonly files: PictureFiles;
  readonly download: Omit<DownloadOptions, "timeoutMs">;
}

/** The bytes of profile pictures, through one device. */
export class PictureImages {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #pictures: ProfilePictures;
  readonly #files: PictureFiles;
  readonly #download: Omit<DownloadOptions, "timeoutMs">;

  constructor({ device, queries, pictures, files, download }: PictureImagesParts) {
    this.#device = device;
    this.#queries = queries;
    this.#pictures = pictures;
    this.#files = files;
    this.#download = download;
  }

  /**
   * Finds out which picture it is, as `ProfilePictures.find` does. Its bytes come from where they are kept, else from WhatsApp's CDN.
   * @throws Failure as `ProfilePictures.find`; `open` of the answer DeviceBusy, WhatsAppError, WhatsAppTimeout and
   * WhatsAppRateLimited
   */
  async find(target: Jid, options: Omit<PictureOptions, "knownId">): Promise<StoredBytes> {
    const { jid, url, id, type } = await this.#pictures.find(target, { ...options, knownId: undefined });
    if (url === null) throw new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
    if (!/^[!#-~]{1,200}$/.test(id)) throw new Failure("WhatsAppError", { cause: "an odd picture id" });
    const key: PictureKey = {
      device_id: this.#device.id,
      account_jid: this.#device.view().jid ?? "",
      jid,
      picture_id: id,
      picture_size: type,
    };
    const doubt = async (error: unknown) => {
      if (error instanceof Failure && error.name === "WhatsAppError") await this.#pictures.invalidate(target);
      throw error;
    };
    return {
      // The id, so that who has been told it can ask with it; the size that was asked for is in the URL.
      etag: type === options.size ? `"${id}"` : `"${id}-${type}"`,
      open: async () => (await this.#files.find(key)) ?? this.#fetch(key, url).catch(doubt),
    };
  }

  /** Downloads are work of the device like its queries: so many at once, so many waiting. */
  #fetch(key: PictureKey, url: string) {
    return this.#queries.work(async (_connection, timeoutMs) => {
      // Somebody who was before in the queue may have brought it.
      const kept = await this.#files.find(key);
      return kept ?? this.#files.keep(key, downloadPicture(url, { ...this.#download, timeoutMs }));
    }, this.#queries.newDeadline());
  }
}
