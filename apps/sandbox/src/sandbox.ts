import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWuts, type Wuts } from "@wuts/client";
import { composeServer, type Overrides } from "@wuts/server/compose";
import { ConfigError, readConfig } from "@wuts/server/config";
import { handlers } from "@wuts/server/handlers";
import { type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { addConflictFixtures } from "./conflict-fixtures.ts";
import { startPhone } from "./phone/phone.ts";
import { readState, writeState } from "./saved-state.ts";
import { addSeedAccounts, bugNumber, owner } from "./seed-accounts.ts";

export interface Sandbox {
  /** The base URL of the server, without a trailing slash. */
  readonly url: string;
  /** An admin's API token. */
  readonly token: string;
  /** The server's master token, for the operations on tenants. */
  readonly masterToken: string;
  /** The device that is paired with the owner's phone. */
  readonly deviceId: string;
  /** The URL of the simulated phone's page, with a trailing slash. */
  readonly phoneUrl: string;
  readonly wuts: Wuts;
  /** A client with the master token. */
  readonly master: Wuts;
  readonly simulator: Simulator;
  stop(): Promise<void>;
}

/**
 * Starts the simulator and a server on it, and pairs a device through the server's HTTP API.
 * @param environment all settings of the server. Without `WUTS_DATA_DIR`, the data is in a temporary folder that is deleted when
 * the sandbox stops. Without `WUTS_WHATSAPP_URL` and `WUTS_SANDBOX_PHONE_PORT`, simulator and phone use free ports.
 * @throws ConfigError
 */
export async function startSandbox(
  environment: Record<string, string | undefined>,
  overrides: Overrides = {},
): Promise<Sandbox> {
  const keptDir = environment.WUTS_DATA_DIR;
  const dataDir = keptDir || (await mkdtemp(join(tmpdir(), "wuts-sandbox-")));
  const undo: (() => Promise<unknown>)[] = [];
  if (!keptDir) undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const saved = keptDir ? await readState(dataDir) : undefined;
    const { bootstrapToken, masterToken: givenMasterToken, whatsapp } = readConfig(environment);
    const token = bootstrapToken ?? saved?.token ?? randomUUID();
    const masterToken = givenMasterToken ?? saved?.masterToken ?? randomUUID();
    const simulator = await startSimulator({
      port: portOf(whatsapp.url),
      ...(saved && { state: saved.simulator }),
    });
    undo.push(() => simulator.stop());
    addSeedAccounts(simulator);
    if (keptDir) undo.push(keepState(simulator, dataDir, { token, masterToken }));
    const running = Promise.withResolvers<Wuts>();
    const phone = await startPhone({
      simulator,
      server: running.promise,
      port: environment.WUTS_SANDBOX_PHONE_PORT,
    });
    undo.push(() => phone.stop());
    const server = await composeServer(
      readConfig({
        ...forTrying,
        ...environment,
        WUTS_DATA_DIR: dataDir,
        WUTS_BOOTSTRAP_TOKEN: token,
        WUTS_MASTER_TOKEN: masterToken,
        WUTS_WHATSAPP_URL: simulator.url,
      }),
      { phoneUrl: phone.url, ...overrides, handlers: { ...withBug, ...overrides.handlers } },
    );
    undo.push(() => server.stop());
    const url = await server.listen();
    // Callers of these clients want to see every error response.
    const client = { baseUrl: url, retries: 0 };
    const wuts = createWuts({ ...client, token });
    const master = createWuts({ ...client, token: masterToken });
    await addConflictFixtures(wuts, master);
    const deviceId = await pair(wuts, simulator);
    running.resolve(wuts);
    return { url, token, masterToken, deviceId, phoneUrl: phone.url, wuts, master, simulator, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns a link to the console that signs the admin in once, within a day; it does not contain the token */
export async function consoleLink({ url, wuts }: Pick<Sandbox, "url" | "wuts">): Promise<string> {
  const { user } = await wuts.users.getMe();
  const { code } = await wuts.tokens.createSignInCode({ user_id: user.id, expires_in: 86_400 });
  return `${url}/console/#/sign-in/${code}`;
}

/** Turns the rate limits off: no real WhatsApp can be provoked here. */
const forTrying = {
  WUTS_PICTURE_PACE_PER_MINUTE: "6000",
  WUTS_NUMBER_CHECKS_PER_MINUTE: "0",
  WUTS_PICTURE_QUERIES_PER_MINUTE: "0",
  WUTS_RATE_LIMIT_TOKEN: "0",
  WUTS_RATE_LIMIT_USER: "0",
  WUTS_RATE_LIMIT_TENANT: "0",
  WUTS_RATE_LIMIT_DEVICE: "0",
  WUTS_RATE_LIMIT_ADDRESS: "0",
  WUTS_RATE_LIMIT_FAILED_AUTH: "0",
};

/** Pairs a device by QR code, as a user does. A device that is already paired logs in. */
async function pair(wuts: Wuts, simulator: Simulator): Promise<string> {
  const { items } = await wuts.devices.list({ limit: 1 });
  const known = items[0]?.id;
  if (known) {
    const { paired } = await wuts.session.connect({ device_id: known });
    if (paired) return known;
  }
  const { device_id, qr_code } = await wuts.session.generateQrCode(known ? { device_id: known } : {});
  const login = once(simulator.events, "login");
  await simulator.account(owner.phone).scanQr(qr_code);
  await login;
  await wuts.session.connect({ device_id });
  return device_id;
}

/** Persists the simulator's state beside the server's, so that WhatsApp knows the devices after a restart. */
function keepState(
  simulator: Simulator,
  dataDir: string,
  tokens: Pick<Sandbox, "token" | "masterToken">,
): () => Promise<void> {
  let writing = Promise.resolve();
  const write = () => {
    const state = { ...tokens, simulator: simulator.snapshot() };
    writing = writing.then(() => writeState(dataDir, state));
    return writing;
  };
  for (const event of ["paired", "login", "unlinked"] as const) simulator.events.on(event, write);
  return write;
}

/** Makes every request about one number fail with an unexpected error, to show the 500 response. */
const withBug: Overrides["handlers"] = {
  ...Object.fromEntries(
    Object.entries(handlers).map(([operationId, handler]) => [
      operationId,
      (input: { readonly query: object }, services: unknown) => {
        failFor(Reflect.get(input.query, "number"));
        return Reflect.apply(handler, undefined, [input, services]);
      },
    ]),
  ),
  lookUpContactProfilePictures: async (input, services) => {
    if (!input.acceptsNdjson) for (const number of input.body.numbers ?? []) failFor(number);
    const answer = await handlers.lookUpContactProfilePictures(input, services);
    return "lines" in answer ? { ...answer, lines: failingLast(answer.lines) } : answer;
  },
};

function failFor(number: string | undefined): void {
  if (isBugNumber(number)) throw new Error("the sandbox's bug: this number always fails");
}

function isBugNumber(number = ""): boolean {
  return number.replaceAll(/\D/g, "").replace(/^00/, "") === bugNumber;
}

/** Fails after all other lines, to show an error within a stream that has started. */
async function* failingLast<Line extends { readonly item: { readonly input: string } | null }>(
  lines: AsyncIterable<Line>,
): AsyncGenerator<Line> {
  let failing = "";
  for await (const line of lines) {
    if (isBugNumber(line.item?.input)) failing = bugNumber;
    else yield line;
  }
  failFor(failing);
}

function portOf(url: string | undefined): number {
  if (url === undefined) return 0;
  const { pathname, port, hostname } = new URL(url);
  if (pathname !== "/ws/chat" || hostname !== "127.0.0.1") {
    throw new ConfigError(
      "WUTS_WHATSAPP_URL must be ws://127.0.0.1:PORT/ws/chat: the sandbox's simulator listens there.",
    );
  }
  return Number(port);
}
