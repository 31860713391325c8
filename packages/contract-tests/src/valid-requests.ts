import type { OperationId } from "@wuts/contract";
import type { RawRequest } from "./case.ts";

interface ValidRequest extends Pick<RawRequest, "query" | "body"> {
  /** Where the operation is told which device. */
  readonly deviceIn?: "path" | "query" | "body";
}

/** For every operation, a request that the contract allows. */
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
};

/** No server gave this id to a device. */
export const nobodysDevice = "7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10";

/** @returns a request that the contract allows; without `deviceId` it names a device only where it must */
export function validRequest(operationId: OperationId, deviceId?: string): RawRequest {
  const { query, body, deviceIn } = validRequests[operationId];
  const device = deviceId === undefined ? {} : { device_id: deviceId };
  return {
    ...(deviceIn === "path" && { path: { device_id: deviceId ?? nobodysDevice } }),
    query: { ...query, ...(deviceIn === "query" && device) },
    ...(body && { body: { ...body, ...(deviceIn === "body" && device) } }),
  };
}
