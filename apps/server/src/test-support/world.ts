import { hash, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, type SimulatorOptions, startSimulator } from "@wuts/whatsapp-simulator";
import { composeServer, type Overrides, type Server } from "../app/compose.ts";
import { readConfig } from "../config/config.ts";
import type { Role } from "../kernel/roles.ts";
import { type Answer, at, type CallOptions, call, dataOf, textAt } from "./call.ts";
import { makeTestDatabase, type Parameter, type TestDatabase } from "./databases/test-database.ts";
import { StanzaMeter } from "./faults/stanza-meter.ts";
import { nextEvent, until } from "./until.ts";

export type Settings = Record<string, string>;

/** A user who has a token. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

/** A simulated WhatsApp without phones, a server on it, and an admin who has a token. */
export interface World {
  readonly simulator: Simulator;
  /** Of the server that runs now; another one after a restart. */
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  readonly database: TestDatabase;
  /** The settings with which another process finds what the server stores. */
  readonly place: Settings;
  /** Sends a request to the server, as the admin by default. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** @returns the id of a new device */
  createDevice(name?: string, token?: string): Promise<string>;
  /** Makes a device and links it to this person's phone by QR code. @returns its id, when it is connected */
  pairedDevice(phone: string, token?: string): Promise<string>;
  /** Waits until a device comes to a state by itself. @returns its status */
  untilState(deviceId: string, state: string): Promise<unknown>;
  /** Adds a tenant without users. @returns its id */
  addTenant(): Promise<string>;
  /** Adds a user, by default with the role `user` and in the admin's tenant. */
  addPerson(role?: Role, tenantId?: string): Promise<Person>;
  /** As `addPerson`. @returns the token */
  addUser(role?: Role): Promise<string>;
  /** Reads the database behind the server's back. */
  rows(sql: string, ...parameters: Parameter[]): Promise<unknown[]>;
  /** Writes to the database behind the server's back. */
  write(sql: string, ...parameters: Parameter[]): Promise<void>;
  /** Starts a further server on the same data. It has to be stopped before the world is. */
  startAnother(settings?: Settings): Promise<AnotherServer>;
  stopServer(): Promise<void>;
  /** Stops the server if it runs, and starts one on the same data. */
  restartServer(settings?: Settings): Promise<void>;
  stop(): Promise<void>;
}

/** A server beside the world's own. */
export interface AnotherServer {
  readonly url: string;
  readonly call: World["call"];
  stop(): Promise<void>;
}

/**
 * Starts a world. Its server says nothing in the log and connects again quickly.
 * @param settings of the server, by the names of the environment variables
 */
export async function startWorld(
  settings: Settings = {},
  options: {
    readonly simulator?: SimulatorOptions;
    readonly overrides?: Overrides;
    /** Makes the server's database, when it is not the one that all tests use. */
    readonly makeDatabase?: (dataDir: string) => TestDatabase | Promise<TestDatabase>;
  } = {},
): Promise<World> {
  const simulator = await startSimulator(options.simulator);
  const meter = new StanzaMeter(simulator);
  const dataDir = await mkdtemp(join(tmpdir(), "wuts-test-"));
  const database = await (options.makeDatabase ?? makeTestDatabase)(dataDir);
  const { databaseUrl } = database.place;
  const place = { WUTS_DATA_DIR: dataDir, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) };
  const token = randomUUID();
  let server: Server | undefined;
  let url = "";

  const start = async (changed: Settings) => {
    const config = readConfig({
      WUTS_PORT: "0",
      ...place,
      WUTS_BOOTSTRAP_TOKEN: token,
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_LOG_LEVEL: "silent",
      WUTS_RECONNECT_MIN_MS: "1",
      WUTS_RECONNECT_MAX_MS: "20",
      WUTS_SHUTDOWN_TIMEOUT_MS: "2000",
      // Tests ask faster than people do, all with one token.
      WUTS_RATE_LIMIT_TOKEN: "1000000",
      WUTS_RATE_LIMIT_USER: "0",
      WUTS_NUMBER_CHECKS_PER_MINUTE: "0",
      WUTS_PICTURE_QUERIES_PER_MINUTE: "0",
      WUTS_RATE_LIMIT_TENANT: "0",
      WUTS_RATE_LIMIT_DEVICE: "1000000",
      WUTS_RATE_LIMIT_ADDRESS: "1000000",
      WUTS_RATE_LIMIT_FAILED_AUTH: "1000000",
      ...settings,
      ...changed,
    });
    const made = await composeServer(config, options.overrides);
    return { made, at: await made.listen() };
  };
  const startServer = async (changed: Settings) => {
    ({ made: server, at: url } = await start(changed));
  };
  const stopServer = async () => {
    await server?.stop();
    server = undefined;
  };
  await startServer({});

  const world: World = {
    simulator,
    token,
    dataDir,
    database,
    place,
    get url() {
      return url;
    },
    call: (path, callOptions) => call(`${url}${path}`, { token, ...callOptions }),

    async createDevice(name = "Test", owner = token) {
      const created = await world.call("/devices", { method: "POST", body: { name }, token: owner });
      return textAt(dataOf(created, 201), "id");
    },

    async pairedDevice(phone, owner = token) {
      const id = await world.createDevice(`Of ${phone}`, owner);
      const qr = await world.call(`/qr?device_id=${id}`, { token: owner });
      const login = nextEvent(simulator.events, "login", (event) => event.phone === phone);
      const firstQuestion = nextEvent(
        simulator.events,
        "stanza",
        ({ stanza, connection }) => connection.phone === phone && stanza.attrs.xmlns === "blocklist",
      );
      await simulator.account(phone).scanQr(textAt(dataOf(qr), "qr_code"));
      await login;
      dataOf(await world.call(`/connect?device_id=${id}`, { method: "POST", token: owner }));
      // Baileys asks for the block list when it has logged in; tests count what is asked for them.
      await firstQuestion;
      return id;
    },

    untilState: (deviceId, state) =>
      until(`state ${state}`, async () => {
        const status = dataOf(await world.call(`/status?device_id=${deviceId}`));
        return { found: at(status, "state") === state ? status : undefined, seen: at(status, "state") };
      }),

    async addTenant() {
      const [id, now] = [randomUUID(), new Date().toISOString()];
      await world.write("insert into tenants values (?, ?, ?, ?)", id, `Tenant ${id}`, now, now);
      return id;
    },

    async addPerson(role = "user", tenantId) {
      const [id, personsToken, now] = [randomUUID(), randomUUID(), new Date().toISOString()];
      await world.write(
        `insert into users (id, tenant_id, role, created_at, updated_at)
         select ?, id, ?, ?, ? from tenants where ? in (id, '') order by created_at limit 1`,
        id,
        role,
        now,
        now,
        tenantId ?? "",
      );
      await world.write(
        "insert into tokens (id, user_id, hash, name, created_at) values (?, ?, ?, 'test', ?)",
        randomUUID(),
        id,
        hash("sha256", personsToken),
        now,
      );
      return { id, token: personsToken };
    },

    addUser: async (role) => (await world.addPerson(role)).token,

    rows: (sql, ...parameters) => database.rows(sql, ...parameters),
    async write(sql, ...parameters) {
      await database.rows(sql, ...parameters);
    },

    async startAnother(changed = {}) {
      const { made, at } = await start(changed);
      return {
        url: at,
        call: (path, callOptions) => call(`${at}${path}`, { token, ...callOptions }),
        stop: () => made.stop(),
      };
    },
    stopServer,
    async restartServer(changed = {}) {
      await stopServer();
      await startServer(changed);
    },
    async stop() {
      await stopServer();
      meter.end();
      await simulator.stop();
      await database.remove();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  return world;
}
