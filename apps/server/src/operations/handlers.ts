import { getContactProfilePicture } from "./contacts/get-contact-profile-picture.ts";
import { createDevice } from "./devices/create-device.ts";
import { deleteDevice } from "./devices/delete-device.ts";
import { getDevice } from "./devices/get-device.ts";
import { listDevices } from "./devices/list-devices.ts";
import type { Handlers } from "./operation.ts";
import { checkSessionStatus } from "./session/check-session-status.ts";
import { connectSession } from "./session/connect-session.ts";
import { disconnectSession } from "./session/disconnect-session.ts";
import { generateSessionPairCode } from "./session/generate-session-pair-code.ts";
import { generateSessionQrCode } from "./session/generate-session-qr-code.ts";
import { getSessionQrStatus } from "./session/get-session-qr-status.ts";
import { logoutSession } from "./session/logout-session.ts";
import { getContractJson } from "./system/get-contract-json.ts";
import { getContractYaml } from "./system/get-contract-yaml.ts";
import { getLiveness } from "./system/get-liveness.ts";
import { getReadiness } from "./system/get-readiness.ts";

/** Every operation of the contract with its handler. */
export const handlers: Handlers = {
  getLiveness,
  getReadiness,
  getContractYaml,
  getContractJson,
  listDevices,
  createDevice,
  getDevice,
  deleteDevice,
  generateSessionQrCode,
  getSessionQrStatus,
  generateSessionPairCode,
  checkSessionStatus,
  connectSession,
  disconnectSession,
  logoutSession,
  getContactProfilePicture,
};
