import type { Logger } from "pino";
import type { DeviceModule, ServerModule } from "../../sessions/device-module.ts";
import type { Database } from "../../storage/engine/database.ts";
import { deleteExpiredPictureAnswers } from "./cache/picture-cache.repository.ts";
import type { PictureCache } from "./cache/picture-cache.ts";
import { subscribeToPictureChanges } from "./picture-events.ts";
import type { PictureFiles } from "./picture-files.ts";

/** Device module that invalidates pictures when WhatsApp reports a change, or when another account may be linked. */
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
 * Server module that limits the stored pictures of all devices.
 * @param cacheSeconds the lifetime of cached replies
 */
export function pictureServerModule(
  database: Database,
  files: PictureFiles,
  cacheSeconds: number,
  log: Logger,
): ServerModule {
  return {
    // Includes devices that are no longer queried. Expired replies are never used in any case.
    async start() {
      const oldest = new Date(Date.now() - cacheSeconds * 1000);
      await deleteExpiredPictureAnswers(database, oldest).catch((error: unknown) => {
        log.error({ err: error }, "old answers about pictures could not be forgotten");
      });
    },
    // Files without references take up room, and do no other harm.
    async tidy() {
      await files.tidy().catch((error: unknown) => {
        log.error({ err: error }, "the pictures that are kept could not be tidied");
      });
    },
    stop: () => files.stop(),
  };
}
