import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Account, type Simulator, startSimulator } from "@wuts/whatsapp-simulator";
import { type Answer, at, type CallOptions, call, dataOf, textAt } from "../call.ts";
import { StanzaMeter } from "../faults/stanza-meter.ts";
import { nextEvent, until } from "../until.ts";
import { type Scope, type ServerProcess, startServerProcess } from "./server-process.ts";

/** The server in a process of its own, with a device that is connected. */
export interface PairedProcess {
  readonly simulator: Simulator;
  readonly server: ServerProcess;
  readonly owner: Account;
  readonly friend: Account;
  readonly dataDir: string;
  readonly device: string;
  /** Asks as the admin. Fails when there is no answer in half a minute: then there will be none. */
  ask(path: string, options?: CallOptions): Promise<Answer>;
  createDevice(): Promise<Answer>;
  /** Asks WhatsApp for the friend's picture. */
  look(): Promise<Answer>;
  untilState(state: string): Promise<unknown>;
  /** A friend writes, and the device reads it, at once or when it can again. */
  read(): Promise<void>;
}

/** @param folder the data are in a folder in it */
export async function startPairedProcess(
  scope: Scope,
  folder: string,
  settings: Record<string, string> = {},
): Promise<PairedProcess> {
  const simulator = await startSimulator();
  scope.onTestFinished(() => simulator.stop());
  const meter = new StanzaMeter(simulator);
  scope.onTestFinished(async () => meter.end());
  const owner = simulator.addAccount({ phone: "5511900000000" });
  const friend = simulator.addAccount({ phone: "5511999999999", name: "Ana", picture: { id: "1700000000" } });
  const token = randomUUID();
  const dataDir = join(folder, "data");
  const server = startServerProcess(scope, {
    WUTS_PORT: "0",
    WUTS_DATA_DIR: dataDir,
    WUTS_BOOTSTRAP_TOKEN: token,
    WUTS_WHATSAPP_URL: simulator.url,
    WUTS_LOG_LEVEL: "fatal",
    WUTS_RECONNECT_MIN_MS: "20",
    WUTS_RECONNECT_MAX_MS: "100",
    WUTS_RECONNECT_WAIT_MS: "300",
    WUTS_RATE_LIMIT_TOKEN: "0",
    WUTS_RATE_LIMIT_USER: "0",
    WUTS_RATE_LIMIT_TENANT: "0",
    WUTS_RATE_LIMIT_DEVICE: "0",
    ...settings,
  });
  const url = await server.listening;
  const ask = (path: string, options: CallOptions = {}) =>
    call(`${url}${path}`, { token, signal: AbortSignal.timeout(30_000), ...options });
  const createDevice = () => ask("/devices", { method: "POST", body: { name: "Test" } });
  const device = textAt(dataOf(await createDevice(), 201), "id");
  const login = nextEvent(simulator.events, "login");
  await owner.scanQr(textAt(dataOf(await ask(`/qr?device_id=${device}`)), "qr_code"));
  await login;
  dataOf(await ask(`/connect?device_id=${device}`, { method: "POST" }));
  const receipts = new Map<string, string>();
  simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
    if (tag === "receipt" || (tag === "ack" && attrs.class === "message"))
      receipts.set(attrs.id ?? "", attrs.type ?? attrs.error ?? "");
  });
  return {
    simulator,
    server,
    owner,
    friend,
    dataDir,
    device,
    ask,
    createDevice,
    look: () => ask(`/contacts/profile-picture?number=${friend.phone}&device_id=${device}`),
    untilState: (state) =>
      until(`state ${state}`, async () => {
        const status = dataOf(await ask(`/status?device_id=${device}`));
        return { found: at(status, "state") === state ? status : undefined, seen: status };
      }),
    async read() {
      const id = await friend.sendMessage(owner.phone, { conversation: "Are you there?" });
      const how = await until("a receipt", async () => ({ found: receipts.get(id), seen: [...receipts] }));
      // 487: it has read the message before, and could not say so.
      if (how !== "inactive" && how !== "487") throw new Error(`the message was not read: ${how}`);
    },
  };
}
