import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { createWuts, type Wuts, WutsError } from "@wuts/client";
import type { DeviceState, Role } from "@wuts/contract";
import { owner, seedAccounts } from "@wuts/sandbox";
import {
  type DeviceEvent,
  PasskeyRequired,
  type PictureBehaviour,
  type SimulatorEventMap,
} from "@wuts/whatsapp-simulator";
import type { Undo } from "../contract/case.ts";
import { somePassword, validRequest } from "./valid-requests.ts";
import { requestsOfLimited, roomOfCrowded, type World } from "./worlds.ts";

/** The phone that further devices are linked to. */
export const otherPhone = phoneWhosePictureIs("visible");

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
  const login = loginOf(otherPhone, world);
  await world.simulator.account(otherPhone).scanQr(qr_code);
  await login;
  await wuts.session.connect({ device_id });
  return device_id;
}

/** Links a device to another phone, whose account is banned for an hour then. @returns its id */
export async function ban(world: World, undo: Undo): Promise<string> {
  const device_id = await pairDevice(world);
  undo(() => world.wuts.devices.delete({ device_id }));
  undo(world.simulator.faults.refuseLogin(402, otherPhone, { code: "101", expire: "3600" }));
  await world.wuts.session.disconnect({ device_id });
  await world.wuts.session.connect({ device_id }).catch(() => undefined);
  return device_id;
}

/** Makes a device whose account is to be confirmed with a passkey when its QR code is scanned. @returns its id */
export async function askForPasskey(world: World, undo: Undo): Promise<string> {
  const device_id = await makeDevice(world, undo);
  const { qr_code } = await world.wuts.session.generateQrCode({ device_id });
  undo(world.simulator.faults.requirePasskey(otherPhone));
  await world.simulator.account(otherPhone).scanQr(qr_code).catch(unlessPasskey);
  await untilState(world, device_id, "unpaired");
  return device_id;
}

function unlessPasskey(error: unknown): void {
  if (!(error instanceof PasskeyRequired)) throw error;
}

/** Somebody who may ask. */
export interface Person {
  readonly id: string;
  readonly token: string;
  /** Asks as them. */
  readonly wuts: Wuts;
}

/** Makes a user of the admin's tenant. */
export async function makeUser(world: World, undo: Undo, role: Role = "user"): Promise<Person> {
  const email = `${randomUUID()}@example.com`;
  const { user, token } = await world.wuts.users.create({ email, password: somePassword, role });
  undo(() => unlessGone(world.wuts.users.delete({ user_id: user.id })));
  return { id: user.id, token, wuts: clientOf(world, token) };
}

/** Makes a user of somebody else's tenant, which takes them along when it goes. */
export async function makeUserOf({ wuts }: Person): Promise<{ readonly token: string }> {
  const email = `${randomUUID()}@example.com`;
  return wuts.users.create({ email, password: somePassword, role: "user" });
}

/** Makes a tenant. @returns its id and its admin */
export async function makeTenant(world: World, undo: Undo): Promise<{ id: string; admin: Person }> {
  const { tenant, user, token } = await world.master.tenants.register({
    tenant_name: randomUUID(),
    email: "admin@example.com",
    password: somePassword,
  });
  undo(() => unlessGone(world.master.tenants.delete({ tenant_id: tenant.id })));
  return { id: tenant.id, admin: { id: user.id, token, wuts: clientOf(world, token) } };
}

/** Asks again and again, until the token has sent more than it may. */
export async function exhaustToken({ url }: World, path: string, token: string): Promise<void> {
  await untilRefused(url + path, { headers: { Authorization: `Bearer ${token}` } });
}

/** Asks without a token until this address may not any more. */
export async function exhaustAddress({ url }: World, path: string): Promise<void> {
  await untilRefused(url + path, {});
}

/** Sends as many requests as there is room for, which do not come to their end before the case does. */
export async function fill(world: World, undo: Undo): Promise<void> {
  const { hostname, port } = new URL(world.url);
  const headers = {
    authorization: `Bearer ${world.token}`,
    "content-type": "application/json",
    "content-length": 10,
  };
  undo(() => untilUnderWay(world, 0));
  for (let held = 1; held <= roomOfCrowded; held += 1) {
    const asked = request({ hostname, port, path: "/devices", method: "POST", headers });
    asked.on("error", () => undefined);
    undo(() => asked.destroy());
    asked.flushHeaders();
    await untilUnderWay(world, held);
  }
}

/** Resolves once so many requests are under way, as the metrics say, which are answered whatever is. */
async function untilUnderWay({ url, metricsToken }: World, count: number): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  for (;;) {
    deadline.throwIfAborted();
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
    if ((await answer.text()).includes(`wuts_http_under_way{what="requests"} ${count}\n`)) return;
  }
}

/** Tries to sign in with a code that nobody has, until this address may not any more. */
export async function exhaustSignIns({ url }: World): Promise<void> {
  await untilRefused(`${url}/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(validRequest("signIn").body),
  });
}

async function untilRefused(url: string, request: RequestInit): Promise<void> {
  for (let sent = 0; sent <= requestsOfLimited; sent += 1) {
    const answer = await fetch(url, request);
    await answer.arrayBuffer();
    if (answer.status === 429) return;
  }
  throw new Error(`more than ${requestsOfLimited} requests were answered`);
}

function clientOf({ url }: World, token: string): Wuts {
  return createWuts({ baseUrl: url, token, retries: 0 });
}

/** What a case deletes by itself is not there any more when it is over. */
async function unlessGone(deleted: Promise<unknown>): Promise<void> {
  await deleted.catch((error: unknown) => {
    if (!(error instanceof WutsError) || error.status !== 404) throw error;
  });
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

/** Asks for a picture that WhatsApp never answers, and waits until WhatsApp was asked. */
export async function askWithoutAnswer(
  world: World,
  signal?: AbortSignal,
): Promise<{ settled: Promise<unknown> }> {
  const asked = pictureQuery(world);
  const question = { number: phoneWhosePictureIs("silent") };
  const settled = world.wuts.contacts
    .getProfilePicture(question, signal ? { signal } : {})
    .catch((error: unknown) => error);
  await asked;
  return { settled };
}

/** Has the device ask WhatsApp something that it never answers, so that there is no room for another question. */
export async function occupy(world: World, undo: Undo): Promise<void> {
  const { deviceId: device_id } = world;
  const { settled } = await askWithoutAnswer(world);
  undo(async () => {
    // The question is given up with the connection.
    await world.wuts.session.disconnect({ device_id });
    await settled;
    await world.wuts.session.connect({ device_id });
  });
}

/** Asks for so many pictures that nobody can be let in any more, of a WhatsApp that is silent. */
export async function crowd({ wuts, simulator }: World, undo: Undo): Promise<void> {
  const gone = new AbortController();
  const asked = pictureQuery({ simulator });
  undo(simulator.faults.silence(({ attrs }) => attrs.xmlns === "w:profile:picture"));
  const batches = Array.from({ length: 6 }, (_, batch) => {
    const numbers = Array.from({ length: 200 }, (_, index) => `${55_31_000_000_000 + batch * 200 + index}`);
    return wuts.contacts.lookUpProfilePictures({ numbers }, { signal: gone.signal }).catch(() => undefined);
  });
  undo(async () => {
    gone.abort();
    await Promise.all(batches);
  });
  await asked;
  // The last one is refused, for there is no room for it: so the others are in.
  await Promise.any(batches);
}

/** Resolves once the device is in the state. The server tells nobody, so it is asked again and again. */
export async function untilState(world: World, device_id: string, state: DeviceState): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  while ((await world.wuts.session.checkStatus({ device_id })).state !== state) deadline.throwIfAborted();
}

/** Resolves once the device has heard of everybody in its phone's address book, and how they call themselves. */
export async function untilContacts({ wuts, deviceId: device_id }: World): Promise<void> {
  const deadline = AbortSignal.timeout(50_000);
  for (;;) {
    const { items } = await wuts.contacts.list({ device_id });
    const named = items.filter(({ full_name, push_name, lid }) => full_name && push_name && lid);
    if (named.length >= (owner.contacts?.length ?? 0)) return;
    deadline.throwIfAborted();
  }
}

/** Resolves once the server says that it should get no more requests; as a load balancer does, it asks again and again. */
export async function untilItStops({ wuts }: World): Promise<void> {
  const isNotReady = (error: unknown) => error instanceof WutsError && error.code === "SERVER_NOT_READY";
  for (;;) {
    try {
      await wuts.system.getReadiness();
    } catch (error) {
      if (isNotReady(error)) return;
      throw error;
    }
  }
}

/** @returns the phone of somebody on the sandbox's WhatsApp who has a picture that behaves so */
export function phoneWhosePictureIs(behaviour: PictureBehaviour): string {
  const found = seedAccounts.find(({ description }) =>
    behaviour === "visible"
      ? description.picture && !description.pictureBehaviour
      : description.pictureBehaviour === behaviour,
  );
  if (!found) throw new Error(`nobody's picture is ${behaviour}`);
  return found.description.phone;
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

function pictureQuery({ simulator: { events } }: Pick<World, "simulator">): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ stanza }: SimulatorEventMap["stanza"][0]) => {
      if (stanza.attrs.xmlns !== "w:profile:picture") return;
      events.off("stanza", look);
      resolve();
    };
    events.on("stanza", look);
  });
}
