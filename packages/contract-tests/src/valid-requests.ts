import { type OperationDescription, type OperationId, operations } from "@wuts/contract";
import type { RawRequest } from "./case.ts";

interface ValidRequest extends Pick<RawRequest, "query" | "body"> {
  /** Where the operation is told which device. */
  readonly deviceIn?: "path" | "query" | "body";
}

/** Long enough for the contract, and nobody's. */
export const somePassword = "correct horse battery";

/** For every operation, a request that the contract allows; what its path needs comes of itself. */
const validRequests: Record<OperationId, ValidRequest> = {
  getLiveness: {},
  getReadiness: {},
  getContractYaml: {},
  getContractJson: {},
  listDevices: {},
  createDevice: { body: { name: "Reception" } },
  getDevice: { deviceIn: "path" },
  deleteDevice: { deviceIn: "path" },
  generateSessionQrCode: { deviceIn: "query" },
  getSessionQrStatus: { deviceIn: "query" },
  generateSessionPairCode: { body: { phone: "5511999999999" }, deviceIn: "body" },
  checkSessionStatus: { deviceIn: "query" },
  connectSession: { deviceIn: "query" },
  disconnectSession: { deviceIn: "query" },
  logoutSession: { deviceIn: "query" },
  getContactProfilePicture: { query: { number: "5511999999999" }, deviceIn: "query" },
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
  const { query, body, deviceIn } = validRequests[operationId];
  const device = deviceId === undefined ? {} : { device_id: deviceId };
  const path = descriptions.find((operation) => operation.operationId === operationId)?.path ?? "";
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, nobodysId]);
  return {
    path: { ...Object.fromEntries(ids), ...(deviceIn === "path" && device) },
    query: { ...query, ...(deviceIn === "query" && device) },
    ...(body && { body: { ...body, ...(deviceIn === "body" && device) } }),
  };
}
