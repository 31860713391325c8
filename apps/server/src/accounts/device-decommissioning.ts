/** A device that has no connection any more, and will have none. */
export interface DecommissionedDevice {
  readonly id: string;
  /** Whether WhatsApp confirmed the unlinking. */
  readonly unlinked: boolean;
}

/** Deletes devices that are decommissioned, in one transaction. */
export type DeleteDevices<Result> = (devices: readonly DecommissionedDevice[]) => Promise<Result>;

/** What ends the devices of accounts that are deleted. The accounts know nothing else of devices. */
export interface DeviceDecommissioning {
  /**
   * Ends the connections of all devices of a user and unlinks them, as far as WhatsApp can be asked; then they are to be deleted. The
   * user must be disabled before, so that no further device comes.
   */
  decommissionByUser<Result>(userId: string, remove: DeleteDevices<Result>): Promise<Result>;
  /** As `decommissionByUser`, for all users of a tenant. */
  decommissionByTenant<Result>(tenantId: string, remove: DeleteDevices<Result>): Promise<Result>;
}
