import { randomUUID } from "node:crypto";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openKeyRing, openSealed } from "@wuts/server/key-ring";
import { seal } from "@wuts/server/secret-key";
import type { SimulatorState } from "@wuts/whatsapp-simulator";
import { numbers } from "./accounts.ts";
import type { Variant } from "./load.ts";
import type { Child } from "./processes/child.ts";
import type { Bench } from "./run.ts";
import {
  byHandVariant,
  field,
  type Simulator,
  startOurServer,
  startSimulator,
  variantOf,
} from "./servers.ts";

/** The credentials of a login, as JSON text. */
export interface Login {
  readonly creds: string;
  readonly keys: readonly { readonly type: string; readonly id: string; readonly value: string }[];
}

/** Devices that can log in to one simulated WhatsApp. */
export interface Logins {
  readonly all: readonly Login[];
  readonly phones: readonly string[];
  /** Of a server with the first of the devices. */
  readonly dataDir: string;
  readonly token: string;
}

/** @returns some of the logins, for one of several servers */
export function someOf(logins: Logins, from: number, to: number): Logins {
  return { ...logins, all: logins.all.slice(from, to), phones: logins.phones.slice(from, to) };
}

/** How many devices log in at once, the default of `WUTS_RESTORE_CONCURRENCY`. */
const atOnce = 8;

/**
 * Pairs one device, and makes copies of it under phone numbers of their own: pairing each would take longer than all that is
 * measured with them.
 * @returns them, and a simulated WhatsApp that knows them
 */
export async function makeLogins(
  { processes, signal }: Bench,
  count: number,
): Promise<{ logins: Logins; simulator: Simulator }> {
  const phones = Array.from({ length: count }, (_, index) => String(firstPhone + index));
  const [original = ""] = phones;
  const pairing = await startSimulator(processes);
  const server = await startOurServer(processes, pairing, signal, { phone: original });
  await processes.end(server.child);
  const state: SimulatorState = JSON.parse(await pairing.child.ask("state"));
  await processes.end(pairing.child);

  const login = storedLogin(server.dataDir);
  const all = phones.map((phone) => ({ ...login, creds: login.creds.replaceAll(original, phone) }));
  const stateFile = join(await processes.folder(), "state.json");
  await writeFile(stateFile, JSON.stringify(withCopies(state, original, phones)), { mode: 0o600 });
  const simulator = await startSimulator(processes, stateFile);
  return { logins: { all, phones, dataDir: server.dataDir, token: server.token }, simulator };
}

/** A process that connects devices. Times are in seconds from its start. */
export interface Started {
  readonly child: Child;
  /** In the order in which our server restores them; none of Baileys alone. */
  readonly deviceIds: readonly string[];
  /** Of our server; Baileys alone has none. */
  readonly url: Promise<string | undefined>;
  /** When it listens; Baileys alone does not. */
  readonly listening: Promise<number | undefined>;
  /** When it has answered a picture. */
  readonly picture: Promise<number>;
  /** When all devices are connected. */
  readonly connected: Promise<number>;
  /** Kills the process, and starts another one with the same devices, in the same folder. */
  readonly killAndStart: () => Promise<Started>;
}

/** Starts our server, or Baileys sockets and nothing else, with the first so many of the devices. */
export async function startWithLogins(
  { processes, signal }: Bench,
  kind: "our-server" | "bare-baileys",
  logins: Logins,
  simulator: Simulator,
  count: number,
): Promise<Started> {
  const folder = await processes.folder();
  const some = { ...logins, all: logins.all.slice(0, count) };
  const startsWith =
    kind === "our-server" ? [folder, logins.token] : [join(folder, "logins.json"), String(atOnce)];
  const deviceIds = kind === "our-server" ? await fill(folder, some) : [];
  if (kind === "bare-baileys") {
    await writeFile(join(folder, "logins.json"), JSON.stringify(some.all), { mode: 0o600 });
  }

  const start = (): Started => {
    const loggedIn = simulator.child.ask("logins", String(count));
    const startedAt = performance.now();
    const sinceStart = () => (performance.now() - startedAt) / 1000;
    const child = processes.start(kind, simulator.url, ...startsWith);
    const failed = new Promise<never>((_, reject) => child.ended.then(reject));
    const whenListening = async () => {
      const url = await child.hear("url");
      return { url, at: sinceStart() };
    };
    const listening = kind === "our-server" ? whenListening() : undefined;
    const picture =
      listening?.then(({ url }) => askUntilAnswered(url, logins.token, deviceIds[0] ?? "", signal)) ??
      child.hear("picture");
    return {
      child,
      deviceIds,
      url: Promise.resolve(listening?.then(({ url }) => url)),
      listening: Promise.resolve(listening?.then(({ at }) => at)),
      picture: picture.then(sinceStart),
      connected: Promise.race([loggedIn, failed]).then(sinceStart),
      async killAndStart() {
        await child.kill();
        return start();
      },
    };
  };
  return start();
}

/** Starts devices, and waits until all are connected. @returns how each of them is asked in turn */
export async function startAllDevices(
  bench: Bench,
  kind: "our-server" | "bare-baileys",
  logins: Logins,
  simulator: Simulator,
): Promise<{ readonly child: Child; readonly variant: Variant }> {
  const count = logins.all.length;
  const { child, connected, picture, url, deviceIds } = await startWithLogins(
    bench,
    kind,
    logins,
    simulator,
    count,
  );
  await connected;
  await picture;
  const name = `${count} devices`;
  if (kind === "our-server")
    return { child, variant: { ...variantOf((await url) ?? "", logins.token), name, deviceIds } };
  const variant = byHandVariant(await child.ask("serve"));
  return { child, variant: { ...variant, name, deviceIds: logins.all.map((_, index) => String(index)) } };
}

async function askUntilAnswered(
  url: string,
  token: string,
  deviceId: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/contacts/profile-picture?number=${numbers[0]}&device_id=${deviceId}`;
  for (;;) {
    const answer = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` }, signal });
    await answer.arrayBuffer();
    if (answer.ok) return;
    if (answer.status !== 503) throw new Error(`a picture was answered with ${answer.status}`);
  }
}

const firstPhone = 5_521_900_000_000;

function withCopies(state: SimulatorState, original: string, phones: readonly string[]): SimulatorState {
  const account = state.accounts.find(({ phone }) => phone === original);
  if (!account) throw new Error("no device was paired");
  // A few are enough for WhatsApp not to ask for more; the file would be large with all of them.
  const devices = account.devices.map((device) => ({ ...device, preKeys: device.preKeys.slice(-30) }));
  return { ...state, accounts: phones.map((phone) => ({ ...account, devices, phone, lid: `9${phone}` })) };
}

/** Reads what the only device of a server logs in with. */
function storedLogin(dataDir: string): Login {
  const database = databaseIn(dataDir);
  const keyRing = openKeyRing(dataDir);
  const sealed = (row: unknown) => ({ key_id: textIn(row, "key_id"), text: textIn(row, "text") });
  try {
    const row = database.prepare("select device_id, creds as text, key_id from credentials").get();
    const deviceId = textIn(row, "device_id");
    const rows = database.prepare("select type, id, value as text, key_id from signal_keys").all();
    const keys = rows.map((key) => {
      const [type, id] = [textIn(key, "type"), textIn(key, "id")];
      return { type, id, value: openSealed(keyRing, ["signal_keys", deviceId, type, id], sealed(key)) };
    });
    // Of the 812 that WhatsApp was given only the last one: what Baileys looks for when it logs in.
    const last = Math.max(...keys.filter(({ type }) => type === "pre-key").map(({ id }) => Number(id)));
    return {
      creds: openSealed(keyRing, ["credentials", deviceId], sealed(row)),
      keys: keys.filter(({ type, id }) => type !== "pre-key" || id === String(last)),
    };
  } finally {
    database.close();
  }
}

/**
 * Makes a data folder with a device for each login, all of the same user.
 * @returns their ids, in the order in which they are restored
 */
async function fill(folder: string, { all, phones, dataDir }: Logins): Promise<string[]> {
  await cp(dataDir, folder, { recursive: true });
  const database = databaseIn(folder);
  const keyRing = openKeyRing(folder);
  const [key] = keyRing.keys();
  try {
    const original = textIn(database.prepare("select id from devices").get(), "id");
    const columns = database.prepare("select name from pragma_table_info('devices')").all();
    const copied = columns.map((column) => textIn(column, "name"));
    const own = ["id", "phone_number", "jid", "lid"];
    const copy = database.prepare(
      `insert into devices (${copied.join()}) select ${copied
        .map((name) => (own.includes(name) ? `:${name}` : name))
        .join()} from devices where id = :original`,
    );
    database.exec("begin");
    const ids = all.map((login, index) => {
      const [id, phone] = [randomUUID(), phones[index] ?? ""];
      copy.run({ original, id, phone_number: phone, jid: `${phone}@s.whatsapp.net`, lid: `9${phone}@lid` });
      const sealed = seal(key, ["credentials", id], login.creds);
      database
        .prepare("insert into credentials (device_id, creds, key_id) values (?, ?, ?)")
        .run(id, sealed.text, sealed.key_id);
      for (const { type, id: keyId, value } of login.keys) {
        const { text, key_id } = seal(key, ["signal_keys", id, type, keyId], value);
        database
          .prepare("insert into signal_keys (device_id, type, id, value, key_id) values (?, ?, ?, ?, ?)")
          .run(id, type, keyId, text, key_id);
      }
      return id;
    });
    for (const [table, column] of [
      ["signal_keys", "device_id"],
      ["credentials", "device_id"],
      ["devices", "id"],
    ])
      database.prepare(`delete from ${table} where ${column} = ?`).run(original);
    database.exec("commit");
    // Of the same age, they are restored by their ids.
    return ids.toSorted();
  } finally {
    database.close();
  }
}

function databaseIn(dataDir: string): DatabaseSync {
  return new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
}

function textIn(row: unknown, name: string): string {
  const value = field(row, name);
  if (typeof value !== "string") throw new Error(`there is no ${name} in the database`);
  return value;
}
