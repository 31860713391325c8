import { setTimeout } from "node:timers/promises";
import { auditWriter } from "../accounts/repositories/authorized-transaction.ts";
import { tenantRepository } from "../accounts/repositories/tenants.repository.ts";
import type { Caller } from "../kernel/caller.ts";
import { FairQueue } from "../kernel/concurrency/fair-queue.ts";
import { Failure } from "../kernel/failures.ts";
import type { Database } from "../storage/engine/database.ts";
import type { AuditAction } from "../storage/schema/tables.ts";
import type { Admission, Device } from "./device.ts";
import type { DeviceRegistry } from "./device-registry.ts";
import type { PairingCode, QrCode } from "./pairing/pairing.ts";
import type { PairingQuotas } from "./pairing/pairing-quotas.ts";

/** The interval between the starts of two pairings, so that other work has the event loop for most of the time. */
const betweenPairingsMs = 100;

/** Pairs, connects and logs out devices for callers, and writes an audit entry for each change. */
export class SessionService {
  readonly #devices: DeviceRegistry;
  readonly #database: Database;
  readonly #pairings: PairingQuotas;
  /** QR codes are drawn on the event loop, so a caller who has very many drawn slows all others down. */
  readonly #drawing = new FairQueue({
    concurrency: 1,
    maxWaiting: 100,
    limitMs: 10_000,
    refusal: () => new Failure("ServerBusy", { message: "too many QR codes are being drawn" }),
  });

  /** Making credentials and the handshake with WhatsApp block the event loop for longer than anything else. */
  readonly #beginning = new FairQueue({
    concurrency: 1,
    maxWaiting: 100,
    limitMs: 10_000,
    refusal: () => new Failure("ServerBusy", { message: "too many pairings are being begun" }),
  });

  constructor(devices: DeviceRegistry, database: Database, pairings: PairingQuotas) {
    this.#devices = devices;
    this.#database = database;
    this.#pairings = pairings;
  }

  #admission(caller: Caller, device: Device): Admission {
    return async (method) => {
      this.#pairings.begin(caller, device, method);
      await this.#turnToPair(caller.tenantId);
    };
  }

  /** Waits until a pairing may begin; tenants take turns. @throws Failure ServerBusy */
  #turnToPair(tenantId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = async () => {
        resolve();
        await setTimeout(betweenPairingsMs, undefined, { ref: false });
      };
      this.#beginning.run(tenantId, turn).catch(reject);
    });
  }

  /** @returns with the code as a PNG in a data URL @throws Failure as in the contract of `GET /qr` */
  async qrCode(
    caller: Caller,
    deviceId: string | undefined,
    refresh: boolean,
  ): Promise<{ device: Device; code: QrCode; image: string; cached: boolean }> {
    const { device } = await this.#devices.forPairing(caller, deviceId);
    const { code, cached } = await device.qrCode(refresh, this.#admission(caller, device));
    if (!cached) await this.#record(caller, device, "device.pairing_started", { by: "qr" });
    const image = await this.#drawing.run(caller.tenantId, code.image);
    return { device, code, image, cached };
  }

  /** @throws Failure as in the contract of `POST /paircode` */
  async pairingCode(
    caller: Caller,
    deviceId: string | undefined,
    phoneNumber: string,
    refresh: boolean,
  ): Promise<{ device: Device; code: PairingCode; cached: boolean }> {
    const { device } = await this.#devices.forPairing(caller, deviceId);
    const admit = this.#admission(caller, device);
    const { code, cached } = await device.pairingCode(phoneNumber, refresh, admit);
    if (!cached) await this.#record(caller, device, "device.pairing_started", { by: "code" });
    return { device, code, cached };
  }

  /** @returns the device, and whether it is connected; if not, it must be paired first @throws Failure as its `connect` */
  async connect(
    caller: Caller,
    deviceId: string | undefined,
  ): Promise<{ device: Device; connected: boolean }> {
    const { device } = await this.#devices.forCaller(caller, deviceId);
    const before = device.state;
    const connected = await device.connect();
    if (connected && before !== "connected") await this.#record(caller, device, "device.connected");
    return { device, connected };
  }

  async disconnect(caller: Caller, deviceId: string | undefined): Promise<Device> {
    const { device } = await this.#devices.forCaller(caller, deviceId);
    const before = device.state;
    await device.disconnect();
    if (device.state !== before) await this.#record(caller, device, "device.disconnected");
    return device;
  }

  /** @returns the device, and whether WhatsApp confirmed the unlinking @throws Failure DeviceNotPaired */
  async logout(caller: Caller, deviceId: string | undefined): Promise<{ device: Device; unlinked: boolean }> {
    const { device } = await this.#devices.forCaller(caller, deviceId);
    if (!device.isPaired) throw new Failure("DeviceNotPaired");
    const unlinked = await device.logout();
    await this.#record(caller, device, "device.logged_out", { unlinked });
    return { device, unlinked };
  }

  #record(
    caller: Caller,
    device: Device,
    action: AuditAction,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return this.#database.transaction().execute(async (transaction) => {
      // The tenant, and its audit trail, may have been deleted meanwhile.
      if (!(await tenantRepository(transaction).lock(caller.tenantId))) throw new Failure("Unauthorized");
      await auditWriter(
        transaction,
        caller.tenantId,
        caller,
      )({
        action,
        target: { type: "device", id: device.id },
        details: { user_id: device.userId, ...details },
      });
    });
  }
}
