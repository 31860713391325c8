import type { JsonReader } from "../json-reader.ts";
import type { PictureBehaviour, PictureDescription } from "../picture.ts";
import type { AccountDescription } from "./account-description.ts";

/** What changed since the description, as plain JSON; it counts more than the next description. */
export interface SavedProfile {
  readonly name?: string | undefined;
  readonly about?: About | undefined;
  /** Null: removed. `image` is base64, null for a drawn one. */
  readonly picture?: { readonly id: string; readonly image: string | null } | null | undefined;
}

export interface About {
  readonly text: string;
  /** Unix seconds. */
  readonly setAt: number;
}

const GREETING = "Hey there! I am using WhatsApp.";
const DESCRIBED_AT = 1_700_000_000;

/** What other accounts see of an account: as described, until its phone or one of its devices changes it. */
export class Profile {
  pictureBehaviour: PictureBehaviour = "visible";
  readonly #phone: string;
  #description: AccountDescription;
  #name: string | undefined;
  #about: About | undefined;
  #picture: PictureDescription | null | undefined;

  constructor(description: AccountDescription, saved: SavedProfile = {}) {
    this.#phone = description.phone;
    this.#description = description;
    this.#name = saved.name;
    this.#about = saved.about;
    this.#picture = saved.picture && restorePicture(saved.picture);
    this.describe(description);
  }

  describe(description: AccountDescription): void {
    this.#description = description;
    this.pictureBehaviour = description.pictureBehaviour ?? "visible";
  }

  get name(): string {
    return this.#name ?? this.#description.name ?? `User ${this.#phone}`;
  }

  set name(name: string) {
    this.#name = name;
  }

  get about(): About {
    return this.#about ?? { text: this.#description.about ?? GREETING, setAt: DESCRIBED_AT };
  }

  set about(about: About) {
    this.#about = about;
  }

  get picture(): PictureDescription | undefined {
    return this.#picture === undefined ? this.#description.picture : (this.#picture ?? undefined);
  }

  set picture(picture: PictureDescription | undefined) {
    this.#picture = picture ?? null;
  }

  save(): SavedProfile {
    return {
      name: this.#name,
      about: this.#about,
      picture: this.#picture && savePicture(this.#picture),
    };
  }
}

/** @throws Error that names the first field which is not as {@link Profile.save} writes it. */
export function readProfile(profile: JsonReader): SavedProfile {
  const picture = profile.field("picture");
  return {
    name: profile.field("name").optional((name) => name.text()),
    about: profile.field("about").optional((about) => ({
      text: about.field("text").text(),
      setAt: about.field("setAt").integer(),
    })),
    picture: picture.isNull
      ? null
      : picture.optional(() => ({
          id: picture.field("id").text(),
          image: picture.field("image").optional((image) => image.text()) ?? null,
        })),
  };
}

function savePicture({ id, image }: PictureDescription) {
  return { id, image: image ? Buffer.from(image).toString("base64") : null };
}

function restorePicture({
  id,
  image,
}: {
  readonly id: string;
  readonly image: string | null;
}): PictureDescription {
  return image === null ? { id } : { id, image: Buffer.from(image, "base64") };
}
