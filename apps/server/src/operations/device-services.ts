import type { AppState } from "../features/contacts/app-state-sync.ts";
import type { BlockList } from "../features/contacts/block-list/block-list.ts";
import type { Contacts } from "../features/contacts/contacts.ts";
import type { RegisteredNumbers } from "../features/contacts/numbers/registered-numbers.ts";
import type { ContactProfiles } from "../features/contacts/profiles/contact-profiles.ts";
import type { PictureBatches } from "../features/pictures/picture-batches.ts";
import type { PictureChanges } from "../features/pictures/picture-changes.ts";
import type { PictureImages } from "../features/pictures/picture-images.ts";
import type { ProfilePictures } from "../features/pictures/profile-pictures.ts";
import type { LiveDevice } from "../sessions/device-registry.ts";

/** A device and the services that handlers call on it. Each service is created on first use. */
export interface DeviceServices extends LiveDevice {
  readonly pictures: ProfilePictures;
  readonly pictureBatches: PictureBatches;
  readonly pictureChanges: PictureChanges;
  readonly images: PictureImages;
  readonly profiles: ContactProfiles;
  readonly numbers: RegisteredNumbers;
  readonly blockList: BlockList;
  readonly contacts: Contacts;
  readonly appState: AppState;
}
