import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Simulator, type SimulatorEventMap, startSimulator } from "@wuts/whatsapp-simulator";
import { beforeAll, describe, type TestContext } from "vitest";
import {
  type Answer,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  call,
  dataOf,
  textAt,
} from "../test-support/call.ts";
import { sqliteIn, type TestDatabase } from "../test-support/databases/test-database.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { StanzaMeter } from "../test-support/faults/stanza-meter.ts";
import {
  mainPath,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from "../test-support/processes/server-process.ts";
import { suiteScope } from "../test-support/suite-scope.ts";
import { nextEvent } from "../test-support/until.ts";

const fault = faultsOf("The clock jumps");
const owner = "5511900000000";
const ana = "5511999999999";
const clock = fileURLToPath(new URL("../test-support/processes/shifted-clock.ts", import.meta.url));
const hourMs = 3_600_000;
const limit = 150;

const jumps = [
  ["five hours forward", 5 * hourMs],
  ["five hours back", -5 * hourMs],
] as const;

const token = randomUUID();
const suite = suiteScope();
let simulator: Simulator;
let server: ServerProcess;
let url = "";
let database: TestDatabase;
beforeAll(async () => {
  simulator = await startSimulator();
  suite.onTestFinished(() => simulator.stop());
  const meter = new StanzaMeter(simulator);
  suite.onTestFinished(async () => meter.end());
  simulator.addAccount({ phone: owner });
  simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  const settings = {
    WUTS_PORT: "0",
    WUTS_DATA_DIR: join(await temporaryFolder(suite), "data"),
    WUTS_BOOTSTRAP_TOKEN: token,
    WUTS_WHATSAPP_URL: simulator.url,
    WUTS_LOG_LEVEL: "error",
    WUTS_RECONNECT_MIN_MS: "1",
    WUTS_RECONNECT_MAX_MS: "20",
    WUTS_WHATSAPP_TIMEOUT_MS: "3000",
    WUTS_PROBE_INTERVAL_MS: "200",
    WUTS_PROBE_TIMEOUT_MS: "5000",
    WUTS_RATE_LIMIT_TOKEN: `${limit}`,
    WUTS_RATE_LIMIT_DEVICE: "0",
    // No renewal tells by chance what the clock is to tell.
    WUTS_LEASE_MS: "600000",
  };
  database = sqliteIn(settings.WUTS_DATA_DIR);
  server = startServerProcess(suite, settings, ["--import", clock, mainPath]);
  url = await server.listening;
});
describe("A server whose clock jumps", () => {
  for (const [jump, shiftMs] of jumps) {
    fault(`${jump}, with a device that is connected`, async (test, notes) => {
      const { ask, shift, pair, connectedBy } = await begin(test, notes);
      const device = await pair();
      let lost = 0;
      simulator.events.on("disconnected", () => {
        lost += 1;
      });
      await shift(shiftMs);
      // Signs of life go on at the pace at which they came before.
      for (let probe = 0; probe < 3; probe += 1)
        await nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:p");
      dataOf(await ask(`/contacts/profile-picture?number=${ana}&device_id=${device}`));
      assert.equal(lost, 0);
      // A query without a reply ends at its timeout.
      const undo = simulator.faults.silence("iq w:profile:picture get");
      const silent = ask(`/contacts/profile-picture?number=${ana}&preview=false&device_id=${device}`);
      await nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:profile:picture");
      await shift(0);
      assertRefused(await silent, 504, "WHATSAPP_TIMEOUT");
      undo();
      await shift(shiftMs);
      // A lost connection comes back.
      const status = await connectedBy(device, () => {
        simulator.faults.close(owner, "tcp-drop");
        return shift(0);
      });
      notes.end(status, "all the time, and after a lost connection");
      dataOf(await ask(`/contacts/profile-picture?number=${ana}&device_id=${device}`));
    });

    fault(`${jump}, while a QR code waits to be scanned`, async (test, notes) => {
      const { ask, shift, connectedBy } = await begin(test, notes);
      const device = textAt(
        dataOf(await ask("/devices", { method: "POST", body: { name: "Test" } }), 201),
        "id",
      );
      const path = `/qr?device_id=${device}`;
      const code = dataOf(await ask(path));
      await shift(shiftMs);
      const after = dataOf(await ask(path));
      assert.equal(at(after, "qr_code"), at(code, "qr_code"));
      const expiresIn = Number(at(after, "expires_in"));
      assert.ok(expiresIn > 0 && expiresIn <= 60, `${expiresIn} s`);
      const aheadMs = Date.parse(textAt(after, "expires_at")) - Date.parse(textAt(code, "expires_at"));
      assert.ok(Math.abs(aheadMs - shiftMs) < 5_000, `${aheadMs} ms`);
      const scan = () => simulator.account(owner).scanQr(textAt(after, "qr_code"));
      notes.end(await connectedBy(device, scan), "paired with that code");
    });

    fault(`${jump}, while a pairing code waits to be typed`, async (test, notes) => {
      const { ask, shift, connectedBy } = await begin(test, notes);
      const device = textAt(
        dataOf(await ask("/devices", { method: "POST", body: { name: "Test" } }), 201),
        "id",
      );
      const askForCode = () =>
        ask(`/paircode?device_id=${device}`, { method: "POST", body: { number: owner } });
      const code = dataOf(await askForCode());
      await shift(shiftMs);
      const after = dataOf(await askForCode());
      assert.equal(at(after, "code"), at(code, "code"));
      const expiresIn = Number(at(after, "expires_in"));
      assert.ok(expiresIn > 0 && expiresIn <= 300, `${expiresIn} s`);
      const type = () => simulator.account(owner).enterPairingCode(textAt(after, "code"));
      notes.end(await connectedBy(device, type), "paired with that code");
    });

    fault(`${jump}, when a caller has asked too often`, async (test, notes) => {
      const { ask, shift, newToken } = await begin(test, notes);
      const token = await newToken();
      let refused: Answer | undefined;
      for (let request = 0; request <= limit; request += 1) refused = await ask("/me", { token });
      assert.ok(refused);
      assertRefused(refused, 429, "RATE_LIMITED");
      await shift(shiftMs);
      // It is the same minute still: the caller does not wait for hours, and gets no new allowance before the minute is over.
      refused = await ask("/me", { token });
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 60);
      notes.ended("limited", "for a minute at the most");
    });
  }
});

describe("A server on a machine that was suspended", () => {
  fault(
    "five hours forward, as after a suspension, while another server took the device",
    async (test, notes) => {
      const { ask, shift, pair } = await begin(test, notes);
      const device = await pair();
      const look = (preview: boolean) =>
        ask(`/contacts/profile-picture?number=${ana}&preview=${preview}&device_id=${device}`);
      // What follows a pairing is over, and stored.
      dataOf(await look(true));
      for (let probe = 0; probe < 3; probe += 1)
        await nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "w:p");
      const sent: unknown[] = [];
      const note = ({ stanza }: SimulatorEventMap["stanza"][0]) => sent.push(stanza);
      await database.rows(
        "update device_leases set server_id = 'another server', fence = fence + 1, expires_at = ? where device_id = ?",
        Date.now() + hourMs,
        device,
      );
      const gone = nextEvent(simulator.events, "disconnected", ({ phone }) => phone === owner);
      await shift(5 * hourMs);
      // What was sent before arrives before that.
      await fetch(simulator.mediaUrl);
      simulator.events.on("stanza", note);
      test.onTestFinished(() => void simulator.events.off("stanza", note));
      const answer = await look(false);
      await gone;
      assert.deepEqual([answer.status, sent], [503, []]);
      assertRefused(await look(false), 503, "DEVICE_ELSEWHERE");
      notes.ended("the other server's", "without a word to WhatsApp");
      await database.rows("update device_leases set expires_at = 0 where device_id = ?", device);
    },
  );
});

/** One server for all; each test leaves it with the right clock, and without devices. */
async function begin(test: TestContext, notes: FaultNotes) {
  const devices: string[] = [];
  const ask = async (path: string, options: CallOptions = {}): Promise<Answer> => {
    const answer = await call(`${url}${path}`, { token, ...options });
    if (path === "/devices" && options.method === "POST") devices.push(textAt(dataOf(answer, 201), "id"));
    return notes.answer(answer);
  };
  const shift = async (shiftMs: number) => {
    const shifted = server.hear();
    server.tell({ shiftMs });
    await shifted;
  };
  /** Does what makes the device log in, and waits until it is connected. @returns its status */
  const connectedBy = async (device: string, cause: () => unknown) => {
    const login = nextEvent(simulator.events, "login");
    await cause();
    await login;
    dataOf(await ask(`/connect?device_id=${device}`, { method: "POST" }));
    return dataOf(await ask(`/status?device_id=${device}`));
  };
  test.onTestFinished(async () => {
    await shift(0);
    for (const device of devices) await call(`${url}/devices/${device}`, { method: "DELETE", token });
  });
  return {
    ask,
    shift,
    connectedBy,
    async pair() {
      const device = textAt(
        dataOf(await ask("/devices", { method: "POST", body: { name: "Test" } }), 201),
        "id",
      );
      const qr = dataOf(await ask(`/qr?device_id=${device}`));
      await connectedBy(device, () => simulator.account(owner).scanQr(textAt(qr, "qr_code")));
      return device;
    },
    async newToken() {
      const body = { email: `${randomUUID()}@example.com`, role: "user" };
      return textAt(dataOf(await ask("/users", { method: "POST", body }), 201), "token");
    },
  };
}
