import type { PictureChange } from "@wuts/contract";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import { type QueryClient, refusal } from "../../sessions/query-client.ts";
import { type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { PictureCache } from "./cache/picture-cache.ts";
import { pictureChange, readPictureChange } from "./picture-change-stanza.ts";
import type { PictureCropper } from "./picture-cropper.ts";

/** Sets and removes the picture of a device's own account, and of groups that it administrates. */
export class PictureChanges {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #cache: PictureCache;
  readonly #squares: PictureCropper;

  constructor(device: Device, queries: QueryClient, answers: PictureCache, squares: PictureCropper) {
    this.#device = device;
    this.#queries = queries;
    this.#cache = answers;
    this.#squares = squares;
  }

  /**
   * Sets a picture.
   * @param group the group to change; `undefined`: the own account
   * @param image a JPEG, PNG or WebP file in base64
   * @param owner the tenant; tenants take turns in the queue
   * @throws Failure as in the contract of `POST /profile/picture` and `POST /groups/{jid}/picture`
   */
  async set(group: Jid | undefined, image: string, owner: string): Promise<PictureChange> {
    this.#device.ready();
    return this.#change(group, await this.#squares.prepare(image, owner));
  }

  /** Removes a picture, as `set`. Succeeds if there was none. */
  async remove(group: Jid | undefined): Promise<PictureChange> {
    return this.#change(group, undefined);
  }

  async #change(group: Jid | undefined, jpeg: Buffer | undefined): Promise<PictureChange> {
    this.#device.ready();
    const jid = group ?? this.#ownJid();
    // Equal changes do not share a reply: an opposite change may have come between them.
    const key = `picture change ${this.#queries.newId()}`;
    const reply = await this.#cache.invalidateAround(group ? [group] : this.#ownJids(), () =>
      this.#queries.send(pictureChange(group, jpeg), key, this.#queries.newDeadline()),
    );
    if (reply.refused) throw group === undefined ? refusal(reply.code) : groupRefusal(reply.code);
    if (!jpeg) return { jid, picture_id: null };
    const picture_id = readPictureChange(reply.node);
    if (picture_id === undefined)
      throw new Failure("WhatsAppError", { cause: "a change without a picture id" });
    return { jid, picture_id };
  }

  #ownJid(): Jid {
    const [own] = this.#ownJids();
    if (own) return own;
    throw new Failure("WhatsAppError", { cause: "a connected device without a JID" });
  }

  #ownJids(): Jid[] {
    return this.#device.ownJids.flatMap((jid) => parseJid(jid) ?? []);
  }
}

/** WhatsApp replies 401 if the account is no admin, 403 if it is no member, and 404 if there is no such group. */
function groupRefusal(code: number): Failure {
  switch (code) {
    case 401:
      return new Failure("NotGroupAdmin");
    case 403:
    case 404:
      return new Failure("GroupNotFound");
    default:
      return refusal(code);
  }
}
