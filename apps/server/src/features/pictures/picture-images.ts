import type { StoredBytes } from "@wuts/contract";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import type { QueryClient } from "../../sessions/query-client.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import { type DownloadOptions, downloadPicture } from "./picture-download.ts";
import type { PictureKey } from "./picture-files.repository.ts";
import type { PictureFiles } from "./picture-files.ts";
import type { PictureOptions, ProfilePictures } from "./profile-pictures.ts";

/** Dependencies of picture downloads. */
export interface PictureImagesParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly pictures: ProfilePictures;
  readonly files: PictureFiles;
  readonly download: Omit<DownloadOptions, "timeoutMs">;
}

/** Loads the bytes of profile pictures, through one device. */
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
   * Finds a picture as `ProfilePictures.find` does, with its bytes from the stored files, else from WhatsApp's CDN.
   * @throws Failure as `ProfilePictures.find`; `open` of the result DeviceBusy, WhatsAppError, WhatsAppTimeout and
   * WhatsAppRateLimited
   */
  async find(target: Jid, options: Omit<PictureOptions, "knownId">): Promise<StoredBytes> {
    const {
      jid,
      url,
      picture_id: id,
      type,
    } = await this.#pictures.find(target, { ...options, knownId: undefined });
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
      // The id, so that a client that knows it can revalidate; the requested size is in the URL.
      etag: type === options.size ? `"${id}"` : `"${id}-${type}"`,
      open: async () => (await this.#files.find(key)) ?? this.#fetch(key, url).catch(doubt),
    };
  }

  /** Downloads pass through a queue like the device's queries, with limited concurrency and length. */
  #fetch(key: PictureKey, url: string) {
    return this.#queries.work(async (_connection, timeoutMs) => {
      // An earlier job in the queue may have stored the picture.
      const kept = await this.#files.find(key);
      return kept ?? this.#files.keep(key, downloadPicture(url, { ...this.#download, timeoutMs }));
    }, this.#queries.newDeadline());
  }
}
