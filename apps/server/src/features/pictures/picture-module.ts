import type { Logger } from "pino";
import type { DeviceModule, ServerModule } from "../../sessions/device-module.ts";
import type { Database } from "../../storage/engine/database.ts";
import { deleteExpiredPictureAnswers } from "./picture-cache.repository.ts";
import type { PictureCache } from "./picture-cache.ts";
import { subscribeToPictureChanges } from "./picture-events.ts";
import type { PictureFiles } from "./picture-files.ts";

/** Forgets what is remembered of pictures when WhatsApp says that they have changed, or when another account may be linked. */
export function pictureModule(deviceId: string, cache: PictureCache, files: PictureFiles): DeviceModule {
  return {
    connected: (events) =>
      subscribeToPictureChanges(events, (whose) => cache.forget(whose === undefined ? [] : [whose])),
    flush: () => cache.flush(),
    async forget() {
      await cache.forgetAll();
      await files.forget(deviceId);
    },
  };
}

/**
 * Bounds what is kept of the pictures of all devices.
 * @param cacheSeconds how old what WhatsApp said of a picture may be
 */
export function pictureServerModule(
  database: Database,
  files: PictureFiles,
  cacheSeconds: number,
  log: Logger,
): ServerModule {
  return {
    // Of devices, too, that are not asked any more. What is too old is answered to no request in any case.
    async start() {
      const oldest = new Date(Date.now() - cacheSeconds * 1000);
      await deleteExpiredPictureAnswers(database, oldest).catch((error: unknown) => {
        log.error({ err: error }, "old answers about pictures could not be forgotten");
      });
    },
    // Files that nothing refers to take room, and do no other harm.
    async tidy() {
      await files.tidy().catch((error: unknown) => {
        log.error({ err: error }, "the pictures that are kept could not be tidied");
      });
    },
    stop: () => files.stop(),
  };
}
