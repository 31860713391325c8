import type { Device as DeviceView } from "@wuts/contract";
import PQueue from "p-queue";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import { credentialsIn } from "../storage/credentials.ts";
import type { Database } from "../storage/database.ts";
import { type DevicePosition, devicesIn } from "../storage/devices.ts";
import type { KeyRing } from "../storage/key-ring.ts";
import { registrationsIn } from "../storage/registrations.ts";
import type { DeviceRow } from "../storage/tables.ts";
import type { Caller } from "../storage/users.ts";
import { Device } from "./device.ts";
import type { LinkOptions } from "./link.ts";
import { ProfilePictures } from "./profile-pictures.ts";
import { restingState } from "./states.ts";
import { deviceView } from "./views.ts";

export interface DevicesOptions extends LinkOptions {
  readonly restoreConcurrency: number;
  readonly queries: { readonly concurrency: number; readonly maxWaiting: number };
}

/** A device that can be asked, and what it can be asked for. */
export interface LiveDevice {
  readonly device: Device;
  readonly pictures: ProfilePictures;
}

/** All devices of this server: each at most once in memory, handed out to its owner only. */
export class Devices {
  readonly #database: Database;
  readonly #keyRing: KeyRing;
  readonly #options: DevicesOptions;
  readonly #log: Logger;
  readonly #live = new Map<string, LiveDevice>();
  readonly #firstDevices = new PQueue({ concurrency: 1 });
  readonly #restoring: PQueue;
  #stopped = false;

  constructor(database: Database, keyRing: KeyRing, options: DevicesOptions, log: Logger) {
    this.#database = database;
    this.#keyRing = keyRing;
    this.#options = options;
    this.#log = log;
    this.#restoring = new PQueue({ concurrency: options.restoreConcurrency });
  }

  async create(caller: Caller, name: string): Promise<DeviceView> {
    return this.#view(await devicesIn(this.#database).create(caller.userId, name));
  }

  /** @returns one page of the caller's devices, and where the next one starts */
  async list(
    caller: Caller,
    limit: number,
    after: DevicePosition | undefined,
  ): Promise<{ items: DeviceView[]; next: DevicePosition | undefined }> {
    const rows = await devicesIn(this.#database).listOwned(caller.userId, limit + 1, after);
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map((row) => this.#view(row)),
      next: last && { createdAt: last.created_at, id: last.id },
    };
  }

  /**
   * Picks the caller's device: the named one; else the only one, else the only connected one.
   * @throws Failure DeviceNotFound, DeviceAmbiguous
   */
  async forCaller(caller: Caller, deviceId: string | undefined): Promise<LiveDevice> {
    const rows = devicesIn(this.#database);
    if (deviceId !== undefined) {
      const row = await rows.findOwned(caller.userId, deviceId);
      if (!row) throw new Failure("DeviceNotFound");
      return this.#bring(row);
    }
    const owned = await rows.listOwned(caller.userId, maxCandidates);
    const [first] = owned;
    if (!first) throw new Failure("DeviceNotFound", { message: "you have no device yet; GET /qr makes one" });
    if (owned.length === 1) return this.#bring(first);
    const connected = [...this.#live.values()].filter(
      ({ device }) => device.userId === caller.userId && device.state === "connected",
    );
    const [only] = connected;
    if (only && connected.length === 1) return only;
    const candidates = owned.map((row) => row.id);
    throw new Failure("DeviceAmbiguous", {
      message: `several devices could be meant; choose one with device_id: ${candidates.join(", ")}`,
      candidates,
    });
  }

  /** Picks the device to pair. A caller who has none and names none gets one. @throws Failure as `forCaller` */
  async forPairing(caller: Caller, deviceId: string | undefined): Promise<LiveDevice> {
    if (deviceId !== undefined) return this.forCaller(caller, deviceId);
    return this.#firstDevices.add(async () => {
      const rows = devicesIn(this.#database);
      const [any] = await rows.listOwned(caller.userId, 1);
      return any
        ? this.forCaller(caller, undefined)
        : this.#bring(await rows.create(caller.userId, "Device 1"));
    });
  }

  /** Unlinks and removes a device. @returns whether WhatsApp confirmed the unlinking @throws Failure DeviceNotFound */
  async delete(caller: Caller, deviceId: string): Promise<boolean> {
    const { device } = await this.forCaller(caller, deviceId);
    const unlinked = await device.logout();
    await device.stop();
    this.#live.delete(deviceId);
    await devicesIn(this.#database).delete(deviceId);
    return unlinked;
  }

  /** Connects every paired device, some at a time. Resolves when each has been tried once. */
  async restore(): Promise<void> {
    const rows = await devicesIn(this.#database).listToRestore();
    if (rows.length > 0) this.#log.info({ devices: rows.length }, "restoring devices");
    await this.#restoring.addAll(rows.map((row) => () => this.#restoreOne(row)));
  }

  /** Ends all connections without unlinking; nothing can be opened afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#live.values()].map(({ device }) => device.stop()));
  }

  async #restoreOne(row: DeviceRow): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#bring(row).device.restore();
    } catch (error) {
      this.#log.warn({ device_id: row.id, err: error }, "a device could not be restored at once");
    }
  }

  #bring(row: DeviceRow): LiveDevice {
    const known = this.#live.get(row.id);
    if (known) return known;
    const credentials = credentialsIn(this.#database, this.#keyRing, row.id, (error) => {
      this.#log.error({ device_id: row.id, err: error }, "a stored secret of the device cannot be read");
    });
    const device = new Device(row, this.#options, devicesIn(this.#database), credentials, this.#log);
    const registrations = registrationsIn(this.#database, row.id);
    const pictures = new ProfilePictures(device, registrations, {
      ...this.#options.queries,
      timeoutMs: this.#options.whatsapp.timeoutMs,
    });
    const live = { device, pictures };
    this.#live.set(row.id, live);
    return live;
  }

  #view(row: DeviceRow): DeviceView {
    return this.#live.get(row.id)?.device.view() ?? deviceView(row, restingState(row.standing));
  }
}

/** How many ids an ambiguous choice names at the most. */
const maxCandidates = 20;
