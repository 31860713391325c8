import type { PictureBehaviour, PictureDescription, PictureOwner } from "../pictures/picture.ts";

export interface GroupDescription {
  /** `120363039000000000@g.us` */
  readonly jid: string;
  readonly subject: string;
  /** Phones, digits; the first is the creator and admin. They need not be accounts. */
  readonly participants?: readonly string[];
  readonly picture?: PictureDescription;
  /** Only the `w:g2` form of the picture query answers; the normal one says 401 (whatsmeow user.go). */
  readonly community?: boolean;
  readonly pictureBehaviour?: PictureBehaviour;
}

/** A group, or a community's parent group. */
export class Group implements PictureOwner {
  readonly jid: string;
  readonly subject: string;
  readonly participants: readonly string[];
  readonly community: boolean;
  #picture: PictureDescription | undefined;
  #pictureBehaviour: PictureBehaviour;

  constructor(description: GroupDescription) {
    this.jid = description.jid;
    this.subject = description.subject;
    this.participants = description.participants ?? [];
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

  setPicture(picture: PictureDescription | null): void {
    this.#picture = picture ?? undefined;
  }

  setPictureBehaviour(behaviour: PictureBehaviour): void {
    this.#pictureBehaviour = behaviour;
  }
}
