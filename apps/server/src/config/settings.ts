import { z } from "zod";
import { addressAndStorage } from "./groups/address-and-storage.ts";
import { callerLimits } from "./groups/caller-limits.ts";
import { deviceWork } from "./groups/device-work.ts";
import { http } from "./groups/http.ts";
import { secretsAndAudit } from "./groups/secrets-and-audit.ts";
import { serverProcess } from "./groups/server-process.ts";
import { whatsappConnection } from "./groups/whatsapp-connection.ts";

/**
 * Every setting of the server: an environment variable, what it means, its default. docs/configuration.md and the
 * start-up check are made from this list, so a setting that is not here does not exist.
 */
export const settings = z.object({
  ...addressAndStorage.in.shape,
  ...secretsAndAudit.in.shape,
  ...whatsappConnection.in.shape,
  ...deviceWork.in.shape,
  ...callerLimits.in.shape,
  ...http.in.shape,
  ...serverProcess.in.shape,
});

export type SettingName = keyof typeof settings.shape;

/** Reads all of them, each group into its part of the configuration. */
export const configuration = addressAndStorage
  .and(secretsAndAudit)
  .and(whatsappConnection)
  .and(deviceWork)
  .and(callerLimits)
  .and(http)
  .and(serverProcess);
