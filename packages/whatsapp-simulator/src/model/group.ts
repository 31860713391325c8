import type { DeviceRecord } from "./accounts/linked-device.ts";
import type { PictureBehaviour, PictureDescription, PictureOwner } from "./picture.ts";

export interface GroupDescription {
  /** `120363039000000000@g.us` */
  readonly jid: string;
  readonly subject: string;
  /** Phones, digits; the first is the creator. They need not be accounts. */
  readonly participants?: readonly string[];
  /** Phones of the participants that may change the group. Default: the creator. */
  readonly admins?: readonly string[];
  readonly picture?: PictureDescription;
  /** Only the `w:g2` form of the picture query answers; the normal one says 401 (whatsmeow user.go). */
  readonly community?: boolean;
  readonly pictureBehaviour?: PictureBehaviour;
}

/** The account that changed a group. */
interface Author {
  readonly jid: string;
}

/** What a group needs of the simulator around it. */
export interface GroupContext {
  readonly directory: { findAccount(phone: string): Author | undefined };
  readonly media: { remove(pictureId: string): void };
  readonly notifications: {
    groupPicture(
      group: Group,
      author: Author | undefined,
      picture: PictureDescription | undefined,
      by?: DeviceRecord,
    ): void;
  };
}

/** A group, or a community's parent group. */
export class Group implements PictureOwner {
  readonly jid: string;
  readonly subject: string;
  readonly participants: readonly string[];
  readonly admins: readonly string[];
  readonly community: boolean;
  readonly #context: GroupContext;
  #picture: PictureDescription | undefined;
  #pictureBehaviour: PictureBehaviour;

  constructor(description: GroupDescription, context: GroupContext) {
    this.#context = context;
    this.jid = description.jid;
    this.subject = description.subject;
    this.participants = description.participants ?? [];
    this.admins = description.admins ?? this.participants.slice(0, 1);
    this.community = description.community ?? false;
    this.#picture = description.picture;
    this.#pictureBehaviour = description.pictureBehaviour ?? "visible";
  }

  get picture(): PictureDescription | undefined {
    return this.#picture;
  }

  get pictureBehaviour(): PictureBehaviour {
    return this.#pictureBehaviour;
  }

  /** As an admin does on a phone; the devices of all members are notified. By default the creator does it. */
  setPicture(picture: PictureDescription | null, byPhone = this.participants[0]): void {
    const author = byPhone === undefined ? undefined : this.#context.directory.findAccount(byPhone);
    this.changePicture(picture ?? undefined, author);
  }

  /** @param by the device that did it; undefined for a phone. */
  changePicture(
    picture: PictureDescription | undefined,
    author: Author | undefined,
    by?: DeviceRecord,
  ): void {
    const previous = this.#picture;
    this.#picture = picture;
    if (previous && !picture) this.#context.media.remove(previous.id);
    this.#context.notifications.groupPicture(this, author, picture, by);
  }

  setPictureBehaviour(behaviour: PictureBehaviour): void {
    this.#pictureBehaviour = behaviour;
  }
}
