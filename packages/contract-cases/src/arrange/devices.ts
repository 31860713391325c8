import { DatabaseSync } from "node:sqlite";
import type { Wuts } from "@wuts/client";
import type { DeviceState } from "@wuts/contract";
import { type DeviceEvent, PasskeyRequired } from "@wuts/whatsapp-simulator";
import { type Accounts, accountWithPicture } from "../accounts.ts";
import type { Undo } from "../case.ts";
import type { World } from "../world.ts";

/** The phone that further devices are linked to. */
export function otherPhone(accounts: Accounts): string {
  return accountWithPicture(accounts, "visible").phone;
}

/** Makes a device, not paired. @returns its id */
export async function makeDevice(world: World, undo: Undo): Promise<string> {
  const { id } = await world.wuts.devices.create({ name: "Another" });
  undo(() => world.wuts.devices.delete({ device_id: id }));
  return id;
}

/** Makes a device that another server works with. @returns its id */
export async function makeDeviceElsewhere(world: World, undo: Undo): Promise<string> {
  const id = await makeDevice(world, undo);
  const database = new DatabaseSync(world.databaseFile, { timeout: 5_000 });
  undo(() => {
    database.prepare("delete from device_leases where device_id = ?").run(id);
    database.close();
  });
  const anHourFromNow = Date.now() + 3_600_000;
  database
    .prepare("insert into device_leases values (?, 'another server', 1, ?, 'connected')")
    .run(id, anHourFromNow);
  return id;
}

/** Makes two devices, so that it cannot be told which one is meant. */
export async function makeTwoDevices(world: World, undo: Undo): Promise<void> {
  await makeDevice(world, undo);
  await makeDevice(world, undo);
}

/** Has the devices that the case itself makes deleted. */
export async function deleteDevicesAfterwards({ wuts }: World, undo: Undo): Promise<void> {
  undo(async () => {
    const { items } = await wuts.devices.list();
    for (const { id } of items) await wuts.devices.delete({ device_id: id });
  });
}

/**
 * Makes a device and links it to another phone, as its owner would: by scanning the QR code.
 * @param wuts asks as the owner, the admin unless told otherwise
 * @returns its id
 */
export async function pairDevice(world: World, wuts: Wuts = world.wuts): Promise<string> {
  const { id: device_id } = await wuts.devices.create({ name: "Another" });
  const { qr_code } = await wuts.session.generateQrCode({ device_id });
  const phone = otherPhone(world.accounts);
  const login = loginOf(phone, world);
  await world.simulator.account(phone).scanQr(qr_code);
  await login;
  await wuts.session.connect({ device_id });
  return device_id;
}

/** Links a device to another phone, whose account is banned for an hour then. @returns its id */
export async function ban(world: World, undo: Undo): Promise<string> {
  const device_id = await pairDevice(world);
  undo(() => world.wuts.devices.delete({ device_id }));
  undo(world.simulator.faults.refuseLogin(402, otherPhone(world.accounts), { code: "101", expire: "3600" }));
  await world.wuts.session.disconnect({ device_id });
  await world.wuts.session.connect({ device_id }).catch(() => undefined);
  return device_id;
}

/** Makes a device whose account is to be confirmed with a passkey when its QR code is scanned. @returns its id */
export async function askForPasskey(world: World, undo: Undo): Promise<string> {
  const device_id = await makeDevice(world, undo);
  const { qr_code } = await world.wuts.session.generateQrCode({ device_id });
  const phone = otherPhone(world.accounts);
  undo(world.simulator.faults.requirePasskey(phone));
  await world.simulator.account(phone).scanQr(qr_code).catch(unlessPasskey);
  await untilState(world, device_id, "unpaired");
  return device_id;
}

/** Disconnects the world's own device until the case is over. */
export async function disconnect(world: World, undo: Undo): Promise<void> {
  const { deviceId: device_id } = world;
  undo(async () => {
    // A connection that a fault holds up would be waited for.
    await world.wuts.session.disconnect({ device_id });
    await world.wuts.session.connect({ device_id });
  });
  await world.wuts.session.disconnect({ device_id });
}

/** Resolves once the device is in the state. The server sends no events, so it is polled. */
export async function untilState(world: World, device_id: string, state: DeviceState): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  while ((await world.wuts.session.checkStatus({ device_id })).state !== state) deadline.throwIfAborted();
}

function unlessPasskey(error: unknown): void {
  if (!(error instanceof PasskeyRequired)) throw error;
}

function loginOf(phone: string, { simulator: { events } }: World): Promise<void> {
  return new Promise((resolve) => {
    const look = (event: DeviceEvent) => {
      if (event.phone !== phone) return;
      events.off("login", look);
      resolve();
    };
    events.on("login", look);
  });
}
