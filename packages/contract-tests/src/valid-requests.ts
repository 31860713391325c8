import { type OperationDescription, type OperationId, operations } from "@wuts/contract";
import type { RawRequest } from "./case.ts";

interface ValidRequest extends Pick<RawRequest, "path" | "query" | "body"> {
  /** Where the operation is told which device. */
  readonly deviceIn?: "path" | "query" | "body";
}

/** Long enough for the contract, and nobody's. */
export const somePassword = "correct horse battery";

/** A PNG of one pixel. */
const somePicture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWNQvZwGAAJ/AV8CwQfEAAAAAElFTkSuQmCC";

/** One that the sandbox's account administrates. */
const someGroup = "120363039000000000@g.us";

/** Nobody got it. */
const nobodysCode = "A".repeat(43);

/** For every operation, a request that the contract allows; what its path needs comes of itself. */
const validRequests: Record<OperationId, ValidRequest> = {
  getLiveness: {},
  getReadiness: {},
  getContractYaml: {},
  getContractJson: {},
  getMetrics: {},
  listDevices: {},
  createDevice: { body: { name: "Reception" } },
  getDevice: { deviceIn: "path" },
  deleteDevice: { deviceIn: "path" },
  updateDevice: { body: { picture_pace_per_minute: 60 }, deviceIn: "path" },
  generateSessionQrCode: { deviceIn: "query" },
  getSessionQrStatus: { deviceIn: "query" },
  generateSessionPairCode: { body: { phone: "5511999999999" }, deviceIn: "body" },
  checkSessionStatus: { deviceIn: "query" },
  connectSession: { deviceIn: "query" },
  disconnectSession: { deviceIn: "query" },
  logoutSession: { deviceIn: "query" },
  listContacts: { deviceIn: "query" },
  getContactProfile: { query: { number: "5511999999999" }, deviceIn: "query" },
  checkContacts: { body: { numbers: ["5511999999999"] }, deviceIn: "query" },
  resolveContacts: { body: { inputs: ["5511999999999"] }, deviceIn: "query" },
  getBlocklist: { deviceIn: "query" },
  blockContact: { query: { number: "5511999999999" }, deviceIn: "query" },
  unblockContact: { query: { number: "5511999999999" }, deviceIn: "query" },
  syncAppState: { body: { scopes: ["contacts"] }, deviceIn: "query" },
  setProfilePicture: { body: { image: somePicture }, deviceIn: "query" },
  removeProfilePicture: { deviceIn: "query" },
  setGroupPicture: { path: { jid: someGroup }, body: { image: somePicture }, deviceIn: "query" },
  removeGroupPicture: { path: { jid: someGroup }, deviceIn: "query" },
  getContactProfilePictureImage: { query: { number: "5511999999999" }, deviceIn: "query" },
  getContactProfilePicture: { query: { number: "5511999999999" }, deviceIn: "query" },
  lookUpContactProfilePictures: { body: { numbers: ["5511999999999"] }, deviceIn: "query" },
  getMe: {},
  listUsers: {},
  createUser: { body: { email: "ana@example.com", password: somePassword, role: "user" } },
  getUser: {},
  updateUser: { body: { active: false } },
  deleteUser: {},
  promoteUser: { body: { new_role: "manager" } },
  listTokens: {},
  createToken: { body: { name: "Integration" } },
  deleteToken: {},
  createSignInCode: { body: { expires_in: 600 } },
  signIn: { body: { code: nobodysCode } },
  checkSignInCode: { body: { code: nobodysCode } },
  registerTenant: {
    body: { tenant_name: "Example Ltda", email: "admin@example.com", password: somePassword },
  },
  listTenants: {},
  getTenant: {},
  deleteTenant: {},
  listAuditEntries: {},
};

const descriptions: readonly OperationDescription[] = operations;

/** No server gave this id to anything. */
export const nobodysId = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";

/** @returns a request that the contract allows; without `deviceId` it names a device only where it must */
export function validRequest(operationId: OperationId, deviceId?: string): RawRequest {
  const { path: named, query, body, deviceIn } = validRequests[operationId];
  const device = deviceId === undefined ? {} : { device_id: deviceId };
  const path = descriptions.find((operation) => operation.operationId === operationId)?.path ?? "";
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, nobodysId]);
  return {
    path: { ...Object.fromEntries(ids), ...named, ...(deviceIn === "path" && device) },
    query: { ...query, ...(deviceIn === "query" && device) },
    ...(body && { body: { ...body, ...(deviceIn === "body" && device) } }),
  };
}
