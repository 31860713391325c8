import type { SimulatorState } from "@wuts/whatsapp-simulator";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { openKeyRing } from "../../storage/encryption/key-ring.ts";
import { openDatabase } from "../../storage/engine/database.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { textAt } from "../call.ts";
import { type Settings, startWorld, type World } from "../world.ts";
import { storedCredentials } from "./stored-credentials.ts";

/** The phone of each of so many devices. */
export const phonesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `${firstPhone + index}`);
const firstPhone = 55_21_900_000_000;

/**
 * A server that is stopped, with many paired devices of an admin. One of them was paired; the others are copies of it, under
 * phone numbers of their own: pairing each would take a minute for 300.
 * @param preKeys how many contacts can begin to write to each
 */
export async function worldOfMany(count: number, settings: Settings, preKeys = 1): Promise<World> {
  const [original = "", ...copies] = phonesOf(count);
  const { state, identity, keys } = await pairedOnce(original, preKeys);
  const world = await startWorld(settings, { simulator: { state: withCopies(state, copies) } });
  await world.stopServer();
  const keyRing = openKeyRing(world.dataDir);
  const database = await openDatabase(world.database.place, keyRing);
  const userId = textAt(await world.rows("select user_id from tokens"), 0, "user_id");
  for (const phone of [original, ...copies]) {
    const device = await deviceRepository(database).create(userId, `Of ${phone}`);
    await deviceRepository(database).update(device.id, { standing: "paired", phone_number: phone });
    await credentialRepository(database, keyRing, device.id).write(
      identity.replaceAll(original, phone),
      keys,
    );
  }
  await database.destroy();
  return world;
}

async function pairedOnce(phone: string, preKeys: number) {
  const world = await startWorld();
  world.simulator.addAccount({ phone });
  await world.pairedDevice(phone);
  await world.stopServer();
  const { identities, keys } = await storedCredentials(world.dataDir, world.database);
  const ids = keys.filter(({ type }) => type === "pre-key").map(({ id }) => Number(id));
  // Of the 812 that WhatsApp was given only the last ones: Baileys looks for the very last when it logs in.
  const kept = new Set(ids.sort((one, other) => other - one).slice(0, preKeys));
  const state = world.simulator.snapshot();
  await world.stop();
  return {
    state: preKeys === 1 ? state : withPreKeys(state, kept),
    identity: identities[0]?.json ?? "",
    keys: keys
      .filter(({ type, id }) => type !== "pre-key" || kept.has(Number(id)))
      .map(({ type, id, json }) => ({ type, id, value: json })),
  };
}

/** WhatsApp gives away no key that the device does not have any more. */
function withPreKeys(state: SimulatorState, kept: ReadonlySet<number>): SimulatorState {
  const accounts = state.accounts.map((account) => ({
    ...account,
    devices: account.devices.map((device) => ({
      ...device,
      preKeys: device.preKeys.filter(({ id }) => kept.has(id)),
    })),
  }));
  return { ...state, accounts };
}

function withCopies(state: SimulatorState, phones: readonly string[]): SimulatorState {
  const [original] = state.accounts;
  if (!original) throw new Error("no device was paired");
  const copies = phones.map((phone) => ({ ...original, phone, lid: `9${phone}` }));
  return { ...state, accounts: [original, ...copies] };
}
