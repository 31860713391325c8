import type { AccountState } from "./account-state.ts";
import type { DeviceRecord } from "./linked-device.ts";

/** The account and the device that logged in on a connection. */
export interface Session {
  readonly account: AccountState;
  readonly device: DeviceRecord;
}
