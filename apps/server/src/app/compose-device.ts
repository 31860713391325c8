import type { Logger } from "pino";
import { AppState } from "../features/contacts/app-state-sync.ts";
import { BlockList } from "../features/contacts/block-list/block-list.ts";
import { contactModule } from "../features/contacts/contact-module.ts";
import { ContactWriteBuffer } from "../features/contacts/contact-write-buffer.ts";
import { contactRepository } from "../features/contacts/contacts.repository.ts";
import { Contacts } from "../features/contacts/contacts.ts";
import { Identities } from "../features/contacts/identities.ts";
import { publishingLidMappings } from "../features/contacts/numbers/publish-lid-mappings.ts";
import { RegisteredNumbers } from "../features/contacts/numbers/registered-numbers.ts";
import { registrationRepository } from "../features/contacts/numbers/registrations.repository.ts";
import { ContactProfiles } from "../features/contacts/profiles/contact-profiles.ts";
import { pictureCacheRepository } from "../features/pictures/cache/picture-cache.repository.ts";
import { PictureCache } from "../features/pictures/cache/picture-cache.ts";
import { RecentAnswers } from "../features/pictures/cache/recent-answers.ts";
import { PictureBatches, type PictureBatchesOptions } from "../features/pictures/picture-batches.ts";
import { PictureChanges } from "../features/pictures/picture-changes.ts";
import type { PictureCropper } from "../features/pictures/picture-cropper.ts";
import type { PictureFiles } from "../features/pictures/picture-files.ts";
import { PictureImages } from "../features/pictures/picture-images.ts";
import { pictureModule } from "../features/pictures/picture-module.ts";
import { ProfilePictures } from "../features/pictures/profile-pictures.ts";
import { lazily } from "../kernel/lazy.ts";
import type { DeviceServices } from "../operations/device-services.ts";
import type { SupervisorOptions } from "../sessions/connection-supervisor.ts";
import { Device } from "../sessions/device.ts";
import type { ComposeDevice, LiveDevice } from "../sessions/device-registry.ts";
import { deviceRepository } from "../sessions/devices.repository.ts";
import { QueryClient } from "../sessions/query-client.ts";
import type { KeyRing } from "../storage/encryption/key-ring.ts";
import type { Database } from "../storage/engine/database.ts";
import { credentialRepository } from "../whatsapp/auth/credentials.repository.ts";
import { storedKeys } from "../whatsapp/auth/stored-auth.ts";

export interface DeviceServicesOptions extends SupervisorOptions {
  /** How long requests wait for a device that is connecting, in milliseconds; 0: not at all. */
  readonly reconnectWaitMs: number;
  readonly queries: { readonly concurrency: number; readonly maxWaiting: number };
  /** The options for requests for many pictures. */
  readonly pictures: Omit<PictureBatchesOptions, "concurrency">;
  /** How long a cached picture result is used, in seconds; 0: not at all. */
  readonly pictureCacheSeconds: number;
  /** The number of single pictures of contacts queried in a minute; 0 means no limit. */
  readonly pictureQueriesPerMinute: number;
  /** The number of phone numbers looked up in a minute; 0 means no limit. */
  readonly numberChecksPerMinute: number;
  /** The number of contacts kept for a device. */
  readonly contactsPerDevice: number;
  readonly pictureCropper: PictureCropper;
  /** The maximum size of a picture, in bytes. */
  readonly maxPictureBytes: number;
}

/** The dependencies that all devices of a server share. */
export interface SharedDependencies {
  readonly database: Database;
  readonly keyRing: KeyRing;
  readonly files: PictureFiles;
  readonly options: DeviceServicesOptions;
  readonly log: Logger;
}

type LazyServices = Omit<DeviceServices, keyof LiveDevice>;

/** @returns a function that wires one device together with its features */
export function composeDeviceFrom({
  database,
  keyRing,
  files,
  options,
  log,
}: SharedDependencies): ComposeDevice<DeviceServices> {
  const recentAnswers = new RecentAnswers();
  return (row, lease, { draining, stopping }) => {
    const ownLog = log.child({ device_id: row.id });
    const credentials = credentialRepository(database, keyRing, row.id, {
      lease,
      onUnreadable: (error) => ownLog.error({ err: error }, "a stored secret of the device cannot be read"),
    });
    const { contactsPerDevice } = options;
    const contactRows = contactRepository(database, row.id, contactsPerDevice);
    const contactUpdates = new ContactWriteBuffer(contactRows, 2 * contactsPerDevice, ownLog);
    const registrations = publishingLidMappings(
      registrationRepository(database, row.id),
      contactUpdates,
      () => device.ownJids,
    );
    const identities = new Identities(contactRows, registrations, storedKeys(credentials));
    const pictureCache = new PictureCache({
      rows: pictureCacheRepository(database, row.id),
      recent: recentAnswers.ofDevice(),
      identities,
      lifetimeSeconds: options.pictureCacheSeconds,
      log: ownLog,
    });
    const waiter = {
      ms: options.reconnectWaitMs,
      // As many as the device accepts when it is connected.
      mostWaiting: options.queries.concurrency + options.queries.maxWaiting,
      over: draining,
    };
    const device: Device = new Device({
      row,
      rows: deviceRepository(database, lease),
      options: { ...options, waiter },
      lease,
      credentials,
      modules: [
        contactModule(contactUpdates),
        pictureModule(row.id, pictureCache, files),
        { settingsChanged: () => services.pictureBatches.applyDeviceRate() },
      ],
      log,
    });
    const queries = new QueryClient(device, {
      ...options.queries,
      timeoutMs: options.whatsapp.timeoutMs,
      events: options.events,
    });
    const services: LazyServices = lazily<LazyServices>({
      numbers: () =>
        new RegisteredNumbers({
          device,
          queries,
          registrations,
          identities,
          checksPerMinute: options.numberChecksPerMinute,
        }),
      pictures: () =>
        new ProfilePictures({
          device,
          queries,
          registrations,
          cache: pictureCache,
          perMinute: options.pictureQueriesPerMinute,
        }),
      pictureBatches: () =>
        new PictureBatches(device, services.pictures, {
          ...options.pictures,
          // The other half of the slots is for requests for a single thing.
          concurrency: Math.max(1, Math.floor(options.queries.concurrency / 2)),
        }),
      pictureChanges: () => new PictureChanges(device, queries, pictureCache, options.pictureCropper),
      images: () =>
        new PictureImages({
          device,
          queries,
          pictures: services.pictures,
          files,
          download: {
            whatsappUrl: options.whatsapp.url,
            maxBytes: options.maxPictureBytes,
            signal: stopping,
          },
        }),
      profiles: () =>
        new ContactProfiles({
          device,
          queries,
          registrations,
          identities,
          pictureIdOf: (target) => services.pictures.idOf(target),
        }),
      blockList: () =>
        new BlockList({ device, queries, numbers: services.numbers, identities, updates: contactUpdates }),
      contacts: () => new Contacts(device, contactRows, identities, services.numbers),
      appState: () => new AppState(device, queries, contactRows, contactUpdates),
    });
    return Object.assign(services, { device, queries });
  };
}
