import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import {
  type Account,
  type Simulator,
  type SimulatorEventMap,
  startSimulator,
} from "@wuts/whatsapp-simulator";
import { describe, it, type TestContext } from "vitest";
import { at, call, dataOf, textAt } from "./test-support/call.ts";
import {
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
} from "./test-support/processes/server-process.ts";
import { nextEvent, until } from "./test-support/until.ts";

const owner = "5511900000000";
const ana = "5511999999999";

describe("The server after kill -9", { concurrent: true }, () => {
  const begin = async (t: TestContext) => {
    const simulator = await startSimulator();
    t.onTestFinished(() => simulator.stop());
    const phone = simulator.addAccount({ phone: owner, contacts: [{ phone: ana, fullName: "Ana" }] });
    const friend = simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    const token = randomUUID();
    const dataDir = join(await temporaryFolder(t), "data");
    const start = (settings: Record<string, string> = {}) =>
      startServerProcess(t, {
        ...settings,
        WUTS_PORT: "0",
        WUTS_DATA_DIR: dataDir,
        WUTS_BOOTSTRAP_TOKEN: token,
        WUTS_WHATSAPP_URL: simulator.url,
        WUTS_LOG_LEVEL: "error",
        WUTS_RECONNECT_MIN_MS: "1",
        WUTS_RECONNECT_MAX_MS: "20",
      });
    return { simulator, phone, friend, token, dataDir, start };
  };

  const showQr = async (server: ServerProcess, token: string) =>
    textAt(dataOf(await call(`${await server.listening}/qr`, { token })), "qr_code");

  /** The same device is connected without being paired again, and reads what contacts write to it. */
  const assertRecovered = async (
    server: ServerProcess,
    token: string,
    simulator: Simulator,
    phone: Account,
    friend: Account,
  ) => {
    const url = await server.listening;
    await until("the device to be connected", async () => {
      const state = at(dataOf(await call(`${url}/status`, { token })), "state");
      return { found: state === "connected" ? state : undefined, seen: state };
    });
    assert.equal(phone.devices.length, 1);
    dataOf(await call(`${url}/contacts/profile-picture?number=${ana}`, { token }));
    await assertReads(simulator, friend);
  };

  /** A device that cannot decrypt asks for the message again, with a receipt of type "retry". */
  const assertReads = async (simulator: Simulator, friend: Account) => {
    const receipts: Record<string, string>[] = [];
    const note = ({ stanza }: SimulatorEventMap["stanza"][0]) => {
      if (stanza.tag === "receipt") receipts.push(stanza.attrs);
    };
    simulator.events.on("stanza", note);
    const id = await friend.sendMessage(owner, { conversation: "Are you there?" });
    // There may be others: the phone sends what it has sent to the server that was killed once more.
    const receipt = await until("a receipt", async () => {
      return { found: receipts.find((attrs) => attrs.id === id), seen: receipts };
    });
    simulator.events.off("stanza", note);
    assert.notEqual(receipt.type, "retry");
    assert.equal(simulator.received.get("receipt retry"), 0);
  };

  for (const moment of ["paired", "login"] as const) {
    it(`logs in without pairing when killed at the moment of "${moment}"`, async (t) => {
      const { simulator, phone, friend, token, start } = await begin(t);
      const first = start();
      const text = await showQr(first, token);
      const reached = nextEvent(simulator.events, moment).then(() => first.end("SIGKILL"));
      await phone.scanQr(text);
      await reached;
      await assertRecovered(start(), token, simulator, phone, friend);
    });
  }

  for (const kind of ["iq encrypt set", "iq passive set"]) {
    it(`logs in without pairing when killed at the first "${kind}"`, async (t) => {
      const { simulator, phone, friend, token, start } = await begin(t);
      const first = start();
      const text = await showQr(first, token);
      const killed = new Promise<void>((resolve) => {
        simulator.events.on("stanza", () => {
          if (simulator.received.get(kind) !== 1) return;
          void first.end("SIGKILL").then(() => resolve());
        });
      });
      await phone.scanQr(text);
      await killed;
      await assertRecovered(start(), token, simulator, phone, friend);
    });
  }

  it("frees the key of a request that was under way, whose next attempt has its effect", async (t) => {
    const { simulator, token, start } = await begin(t);
    const first = start();
    const made = await call(`${await first.listening}/devices`, {
      method: "POST",
      token,
      body: { name: "One" },
    });
    const path = `/paircode?device_id=${textAt(dataOf(made, 201), "id")}`;
    const body = { number: owner };
    const key = { "idempotency-key": randomUUID() };
    const ask = async (server: ServerProcess) =>
      call(`${await server.listening}${path}`, { method: "POST", token, body, headers: key });
    const pairing = "iq md set/link_code_companion_reg";
    const heal = simulator.faults.silence(pairing);
    const asked = nextEvent(simulator.events, "stanza", () => simulator.received.get(pairing) === 1);
    const cut = assert.rejects(ask(first));
    await asked;
    assert.equal((await ask(first)).status, 409);
    await first.end("SIGKILL");
    await cut;
    heal();
    const second = start();
    const answer = await ask(second);
    const code = textAt(dataOf(answer), "code");
    assert.equal(answer.headers.get("idempotency-replayed"), null);
    const again = await ask(second);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    assert.equal(textAt(dataOf(again), "code"), code);
  });

  it("has made one device for each key when killed among many, and knows those that it has answered", async (t) => {
    const { token, start } = await begin(t);
    const keys = Array.from({ length: 60 }, () => randomUUID());
    const create = async (server: ServerProcess, key: string) => {
      const options = { method: "POST", token, body: { name: key }, headers: { "idempotency-key": key } };
      return textAt(dataOf(await call(`${await server.listening}/devices`, options), 201), "id");
    };
    const first = start();
    await first.listening;
    const answered = new Map<string, string>();
    const noteAndKill = (key: string) => async (id: string) => {
      answered.set(key, id);
      if (answered.size === 5) await first.end("SIGKILL");
    };
    await Promise.all(keys.map((key) => create(first, key).then(noteAndKill(key), () => undefined)));
    assert.ok(answered.size >= 5 && answered.size < keys.length, `${answered.size} were answered`);
    const second = start();
    for (const key of keys) {
      const id = await create(second, key);
      assert.equal(id, answered.get(key) ?? id);
    }
    const { items } = Object(dataOf(await call(`${await second.listening}/devices?limit=100`, { token })));
    assert.deepEqual(items.map((device: unknown) => textAt(device, "name")).sort(), keys.toSorted());
  });

  it("has no broken picture when killed while it writes one", async (t) => {
    const { simulator, phone, friend, token, dataDir, start } = await begin(t);
    const folder = join(dataDir, "pictures");
    const first = start();
    await phone.scanQr(await showQr(first, token));
    await assertRecovered(first, token, simulator, phone, friend);
    simulator.faults.cdn.stall(100);
    const path = `/contacts/profile-picture/image?number=${ana}`;
    call(`${await first.listening}${path}`, { token }).catch(() => undefined);
    await until("a part of the picture to be on the disk", async () => {
      const [name = ""] = await readdir(folder).catch(() => []);
      const seen = name === "" ? 0 : (await stat(join(folder, name))).size;
      return { found: seen > 0 ? seen : undefined, seen };
    });
    await first.end("SIGKILL");
    simulator.faults.reset();

    const second = start();
    await assertRecovered(second, token, simulator, phone, friend);
    const url = textAt(
      dataOf(await call(`${await second.listening}/contacts/profile-picture?number=${ana}`, { token })),
      "url",
    );
    for (const from of ["the CDN", "the disk"]) {
      const headers = { authorization: `Bearer ${token}` };
      const picture = await fetch(`${await second.listening}${path}`, { headers });
      const wanted = await fetch(url);
      assert.deepEqual(await picture.bytes(), await wanted.bytes(), from);
    }
    // What was not finished is no picture, and goes when no other server can be writing it any more.
    const names = await readdir(folder);
    assert.deepEqual(names.map((name) => name.endsWith(".unfinished")).sort(), [false, true]);
    await second.end("SIGTERM");
    const unfinished = join(folder, names.find((name) => name.endsWith(".unfinished")) ?? "");
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(unfinished, longAgo, longAgo);
    await assertRecovered(start(), token, simulator, phone, friend);
    assert.equal((await readdir(folder)).length, 1);
  });

  it("answers again what WhatsApp said of pictures before, but not what has changed since", async (t) => {
    const { simulator, phone, friend, token, start } = await begin(t);
    const remembering = { WUTS_PICTURE_CACHE_SECONDS: "3600" };
    const first = start(remembering);
    await phone.scanQr(await showQr(first, token));
    const path = `/contacts/profile-picture?number=${ana}`;
    const look = async (server: ServerProcess) =>
      dataOf(await call(`${await server.listening}${path}`, { token }));
    await assertRecovered(first, token, simulator, phone, friend);
    const found = await look(first);
    const asked = simulator.received.get("iq w:profile:picture get");
    await first.end("SIGKILL");

    const second = start(remembering);
    await assertRecovered(second, token, simulator, phone, friend);
    assert.deepEqual(await look(second), found);
    assert.equal(simulator.received.get("iq w:profile:picture get"), asked);
    const gone = nextEvent(simulator.events, "disconnected");
    await second.end("SIGKILL");
    await gone;
    friend.setPicture({ id: "1700000001" });
    const third = start(remembering);
    await assertRecovered(third, token, simulator, phone, friend);
    assert.equal(textAt(await look(third), "picture_id"), "1700000001");
  });

  it("logs in without pairing when killed again and again in its life", async (t) => {
    const { simulator, phone, friend, token, start } = await begin(t);
    let server = start();
    await phone.scanQr(await showQr(server, token));
    for (let round = 0; round < 2; round += 1) {
      await assertRecovered(server, token, simulator, phone, friend);
      // While a message is on its way in.
      const arriving = nextEvent(simulator.events, "stanza");
      await friend.sendMessage(owner, { conversation: "And now?" });
      await arriving;
      await server.end("SIGKILL");
      await friend.sendMessage(owner, { conversation: "For when you are back" });
      server = start();
    }
    await assertRecovered(server, token, simulator, phone, friend);
  });
});
