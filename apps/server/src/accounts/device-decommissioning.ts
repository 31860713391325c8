/** A device that has no connection any more, and will have none. */
export interface DecommissionedDevice {
  readonly id: string;
  /** Whether WhatsApp confirmed the unlinking. */
  readonly unlinked: boolean;
}

/** Deletes devices that are decommissioned, in one transaction. */
export type DeleteDevices<Result> = (devices: readonly DecommissionedDevice[]) => Promise<Result>;

/** Decommissions the devices of deleted accounts. The accounts know nothing else of devices. */
export interface DeviceDecommissioning {
  /**
   * Closes the connections of all devices of a user and unlinks them, as far as WhatsApp can be asked; the caller then deletes
   * them. Disable the user first, so that no further device is created.
   */
  decommissionByUser<Result>(userId: string, remove: DeleteDevices<Result>): Promise<Result>;
  /** As `decommissionByUser`, for all users of a tenant. */
  decommissionByTenant<Result>(tenantId: string, remove: DeleteDevices<Result>): Promise<Result>;
}
