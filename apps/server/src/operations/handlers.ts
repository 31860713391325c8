import { listAuditEntries } from "./audit/list-audit-entries.ts";
import { blockContact } from "./contacts/block-contact.ts";
import { checkContacts } from "./contacts/check-contacts.ts";
import { getBlocklist } from "./contacts/get-blocklist.ts";
import { getContactProfile } from "./contacts/get-contact-profile.ts";
import { getContactProfilePicture } from "./contacts/get-contact-profile-picture.ts";
import { getContactProfilePictureImage } from "./contacts/get-contact-profile-picture-image.ts";
import { listContacts } from "./contacts/list-contacts.ts";
import { lookUpContactProfilePictures } from "./contacts/look-up-contact-profile-pictures.ts";
import { resolveContacts } from "./contacts/resolve-contacts.ts";
import { syncAppState } from "./contacts/sync-app-state.ts";
import { unblockContact } from "./contacts/unblock-contact.ts";
import { createDevice } from "./devices/create-device.ts";
import { deleteDevice } from "./devices/delete-device.ts";
import { getDevice } from "./devices/get-device.ts";
import { listDevices } from "./devices/list-devices.ts";
import { updateDevice } from "./devices/update-device.ts";
import { removeGroupPicture } from "./groups/remove-group-picture.ts";
import { setGroupPicture } from "./groups/set-group-picture.ts";
import type { Handlers } from "./operation.ts";
import { removeProfilePicture } from "./profile/remove-profile-picture.ts";
import { setProfilePicture } from "./profile/set-profile-picture.ts";
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
import { getMetrics } from "./system/get-metrics.ts";
import { getReadiness } from "./system/get-readiness.ts";
import { deleteTenant } from "./tenants/delete-tenant.ts";
import { getTenant } from "./tenants/get-tenant.ts";
import { listTenants } from "./tenants/list-tenants.ts";
import { registerTenant } from "./tenants/register-tenant.ts";
import { checkSignInCode } from "./tokens/check-sign-in-code.ts";
import { createSignInCode } from "./tokens/create-sign-in-code.ts";
import { createToken } from "./tokens/create-token.ts";
import { deleteToken } from "./tokens/delete-token.ts";
import { listTokens } from "./tokens/list-tokens.ts";
import { signIn } from "./tokens/sign-in.ts";
import { createUser } from "./users/create-user.ts";
import { deleteUser } from "./users/delete-user.ts";
import { getMe } from "./users/get-me.ts";
import { getUser } from "./users/get-user.ts";
import { listUsers } from "./users/list-users.ts";
import { promoteUser } from "./users/promote-user.ts";
import { updateUser } from "./users/update-user.ts";

/** Every operation of the contract with its handler. */
export const handlers: Handlers = {
  getLiveness,
  getReadiness,
  getContractYaml,
  getContractJson,
  getMetrics,
  listDevices,
  createDevice,
  getDevice,
  deleteDevice,
  updateDevice,
  generateSessionQrCode,
  getSessionQrStatus,
  generateSessionPairCode,
  checkSessionStatus,
  connectSession,
  disconnectSession,
  logoutSession,
  listContacts,
  getContactProfilePicture,
  lookUpContactProfilePictures,
  getContactProfilePictureImage,
  getContactProfile,
  checkContacts,
  resolveContacts,
  getBlocklist,
  blockContact,
  unblockContact,
  syncAppState,
  setProfilePicture,
  removeProfilePicture,
  setGroupPicture,
  removeGroupPicture,
  getMe,
  listUsers,
  createUser,
  getUser,
  updateUser,
  deleteUser,
  promoteUser,
  listTokens,
  createToken,
  deleteToken,
  createSignInCode,
  signIn,
  checkSignInCode,
  registerTenant,
  listTenants,
  getTenant,
  deleteTenant,
  listAuditEntries,
};
