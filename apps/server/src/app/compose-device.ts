import type { Logger } from "pino";
import { AppState } from "../features/contacts/app-state-sync.ts";
import { BlockList } from "../features/contacts/block-list/block-list.ts";
import { ContactNotes } from "../features/contacts/contact-write-buffer.ts";
import { contactsIn } from "../features/contacts/contacts.repository.ts";
import { Contacts } from "../features/contacts/contacts.ts";
import { Identities } from "../features/contacts/identities.ts";
import { RegisteredNumbers } from "../features/contacts/numbers/registered-numbers.ts";
import { registrationsIn } from "../features/contacts/numbers/registrations.repository.ts";
import { tellingRegistrations } from "../features/contacts/numbers/telling-registrations.ts";
import { ContactProfiles } from "../features/contacts/profiles/contact-profiles.ts";
import { PictureBatches, type PictureBatchesOptions } from "../features/pictures/picture-batches.ts";
import { pictureAnswersIn } from "../features/pictures/picture-cache.repository.ts";
import { PictureAnswers } from "../features/pictures/picture-cache.ts";
import { PictureChanges } from "../features/pictures/picture-changes.ts";
import type { SquarePictures } from "../features/pictures/picture-cropper.ts";
import type { PictureFiles } from "../features/pictures/picture-files.ts";
import { PictureImages } from "../features/pictures/picture-images.ts";
import { ProfilePictures } from "../features/pictures/profile-pictures.ts";
import type { LinkOptions } from "../sessions/connection-supervisor.ts";
import { Device } from "../sessions/device.ts";
import { devicesIn } from "../sessions/devices.repository.ts";
import type { HeldLease } from "../sessions/leases/device-leases.ts";
import { Queries } from "../sessions/query-client.ts";
import type { KeyRing } from "../storage/encryption/key-ring.ts";
import type { Database } from "../storage/engine/database.ts";
import type { DeviceRow } from "../storage/schema/tables.ts";
import { credentialsIn } from "../whatsapp/auth/credentials.repository.ts";
import { storedKeys } from "../whatsapp/auth/stored-auth.ts";

export interface LiveDeviceOptions extends LinkOptions {
  /** How long requests wait for a device that is on its way to a connection, in milliseconds; 0: not at all. */
  readonly reconnectPatienceMs: number;
  readonly queries: { readonly concurrency: number; readonly maxWaiting: number };
  /** How requests for many pictures are answered. */
  readonly pictures: Omit<PictureBatchesOptions, "concurrency">;
  /** For how long what WhatsApp said of a picture is answered again; 0: not at all. */
  readonly pictureAnswersSeconds: number;
  /** How many numbers are looked for in a minute; 0 is any number. */
  readonly numberChecksPerMinute: number;
  /** How many contacts are kept for a device. */
  readonly contactsPerDevice: number;
  readonly squarePictures: SquarePictures;
  /** How large a picture may be. */
  readonly maxPictureBytes: number;
}

/** What the devices of a server share. */
export interface Surroundings {
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly files: PictureFiles;
  readonly log: Logger;
  /** Aborted when no request is to wait any more for a device to be connected. */
  readonly impatience: AbortSignal;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

/** A device that can be asked, and what it can be asked for. */
export interface LiveDevice {
  readonly device: Device;
  readonly queries: Queries;
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

/**
 * Wires one device together. It opens nothing yet.
 * @param row as it is stored since the device is this server's
 * @param lease what its credentials and its row are written under
 */
export function liveDevice(
  row: DeviceRow,
  lease: HeldLease,
  { database, keyRing, files, log, impatience, stopping }: Surroundings,
  options: LiveDeviceOptions,
): LiveDevice {
  const ownLog = log.child({ device_id: row.id });
  const credentials = credentialsIn(database, keyRing, row.id, {
    lease,
    onUnreadable: (error) => ownLog.error({ err: error }, "a stored secret of the device cannot be read"),
  });
  const { contactsPerDevice } = options;
  const contacts = contactsIn(database, row.id, contactsPerDevice);
  const notes = new ContactNotes(contacts, 2 * contactsPerDevice, ownLog);
  const registrations = tellingRegistrations(registrationsIn(database, row.id), notes, () => device.ownJids);
  const identities = new Identities(contacts, registrations, storedKeys(credentials));
  const told = pictureAnswersIn(database, row.id);
  const answers = new PictureAnswers(told, identities, options.pictureAnswersSeconds, ownLog);
  const patience = {
    ms: options.reconnectPatienceMs,
    // As many as it takes when it is connected.
    mostWaiting: options.queries.concurrency + options.queries.maxWaiting,
    over: impatience,
  };
  const device: Device = new Device(
    row,
    { ...options, patience },
    devicesIn(database, lease),
    lease,
    credentials,
    notes,
    answers,
    () => files.forget(row.id),
    log,
  );
  const queries = new Queries(device, {
    ...options.queries,
    timeoutMs: options.whatsapp.timeoutMs,
    events: options.events,
  });
  const numbers = new RegisteredNumbers(
    device,
    queries,
    registrations,
    identities,
    options.numberChecksPerMinute,
  );
  const pictures = new ProfilePictures(device, queries, registrations, answers);
  return {
    device,
    queries,
    pictures,
    pictureBatches: new PictureBatches(device, pictures, {
      ...options.pictures,
      // The other half is for those who ask for one thing.
      concurrency: Math.max(1, Math.floor(options.queries.concurrency / 2)),
    }),
    pictureChanges: new PictureChanges(device, queries, answers, options.squarePictures),
    images: new PictureImages(device, queries, pictures, files, {
      whatsappUrl: options.whatsapp.url,
      maxBytes: options.maxPictureBytes,
      signal: stopping,
    }),
    profiles: new ContactProfiles(device, queries, registrations, identities, pictures),
    numbers,
    blockList: new BlockList(device, queries, numbers, identities, notes),
    contacts: new Contacts(device, contacts, identities, numbers),
    appState: new AppState(device, queries, contacts, notes),
  };
}
