import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startSimulator } from "@wuts/whatsapp-simulator";
import { describe, it } from "vitest";
import { rotateSecrets } from "./app/rotate-secrets.ts";
import { readConfig } from "./config/config.ts";
import { assertRefused, at, call, dataOf, textAt } from "./test-support/call.ts";
import { startServerProcess, temporaryFolder } from "./test-support/processes/server-process.ts";
import { SecretSearch } from "./test-support/secret-search.ts";
import { nextEvent, until } from "./test-support/until.ts";
import { storedCredentials } from "./test-support/worlds/stored-credentials.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const unregistered = "5511444444444";
const saying = "The password of the safe is swordfish";

describe("What the server writes at WUTS_LOG_LEVEL=trace", () => {
  it("holds no token, no key, no message and no phone number, through a whole life of a device", async (t) => {
    const simulator = await startSimulator();
    t.onTestFinished(() => simulator.stop());
    const phone = simulator.addAccount({ phone: owner });
    const friend = simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    const dataDir = join(await temporaryFolder(t), "data");
    const server = startServerProcess(t, {
      WUTS_PORT: "0",
      WUTS_DATA_DIR: dataDir,
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_WHATSAPP_TIMEOUT_MS: "3000",
      WUTS_LOG_LEVEL: "trace",
      WUTS_RECONNECT_MIN_MS: "1",
      WUTS_RECONNECT_MAX_MS: "20",
    });
    const url = await server.listening;
    const token = /Bearer (\S+)"/.exec(server.stdout)?.[1] ?? "";
    const ask = (path: string, method = "GET", body?: unknown) =>
      call(`${url}${path}`, { token, method, body });

    // Pair by code, give up, pair by QR.
    const code = textAt(dataOf(await ask("/paircode", "POST", { number: owner })), "code");
    const qr = textAt(dataOf(await ask("/qr")), "qr_code");
    const login = nextEvent(simulator.events, "login");
    await phone.scanQr(qr);
    await login;
    dataOf(await ask("/connect", "POST"));

    // Ask in every way that goes well or wrong.
    const pictures = "/contacts/profile-picture";
    dataOf(await ask(`${pictures}?number=${ana}`));
    assertRefused(await ask(`${pictures}?number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
    assertRefused(await ask(`${pictures}?jid=${ana}@c.us`), 400, "VALIDATION_ERROR");
    assertRefused(await ask(`/${ana}?token=${token}`), 404, "NOT_FOUND");
    assertRefused(await ask("/paircode", "POST", `{"number":"${ana}`), 400, "VALIDATION_ERROR");
    for (const behaviour of ["malformed", "silent", "rate-limited"] as const) {
      friend.setPictureBehaviour(behaviour);
      assert.notEqual((await ask(`${pictures}?number=${ana}`)).status, 200);
    }

    // Messages, and an old session that libsignal closes, which is when it prints keys.
    for (let round = 0; round < 2; round += 1) {
      const receipt = nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.tag === "receipt");
      await friend.sendMessage(owner, { conversation: saying });
      await receipt;
    }
    friend.givePrivacyToken(owner);
    const back = nextEvent(simulator.events, "login");
    simulator.faults.close(owner, "tcp-drop");
    await back;
    dataOf(await ask("/connect", "POST"));

    const keys = await privateKeysIn(dataDir);
    assert.ok(keys.length > 800, `${keys.length} keys`);
    dataOf(await ask("/logout", "POST"));
    assertRefused(await ask("/logout", "POST"), 409, "DEVICE_NOT_PAIRED");
    const { stdout, stderr } = await server.end("SIGTERM");

    assert.ok(stdout.split("\n").length > 50, "it did log");
    assert.equal(stdout.split(token).length - 1, 2, "the token, and the command that uses it");
    const written = `${stdout.slice(stdout.indexOf("/qr\n"))}${stderr}`;
    const secrets = [
      token,
      ...keys,
      ...[code, code.replace("-", ""), qr, ...qr.split(",").slice(1, 4)],
      ...[owner, ana, unregistered, phone.lid.replace("@lid", ""), friend.lid.replace("@lid", "")],
      ...["privKey", "rootKey", "swordfish", "<Buffer"],
    ];
    for (const secret of secrets) {
      assert.ok(!written.includes(secret), `it wrote ${secret}: ${lineWith(written, secret)}`);
    }
  });
});

describe("What a whole run of the server leaves behind", () => {
  it("holds no secret that the run used: not in the database, not beside it, not in what it wrote", async (t) => {
    const simulator = await startSimulator();
    t.onTestFinished(() => simulator.stop());
    const dataDir = join(await temporaryFolder(t), "data");
    const search = new SecretSearch();
    const master = randomUUID();
    search.addText("the master token", master);
    const forMetrics = randomUUID();
    search.addText("the token for metrics", forMetrics);
    const start = () =>
      startServerProcess(t, {
        WUTS_PORT: "0",
        WUTS_MASTER_TOKEN: master,
        WUTS_METRICS_TOKEN: forMetrics,
        WUTS_DATA_DIR: dataDir,
        WUTS_WHATSAPP_URL: simulator.url,
        WUTS_LOG_LEVEL: "trace",
        WUTS_RECONNECT_MIN_MS: "1",
        WUTS_RECONNECT_MAX_MS: "20",
      });
    const [byQr, byCode] = [owner, "5511900000001"].map((phone) => simulator.addAccount({ phone }));
    assert.ok(byQr && byCode);
    const friend = simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });

    let server = start();
    let url = await server.listening;
    const token = /Bearer (\S+)"/.exec(server.stdout)?.[1] ?? "";
    const greeting = server.stdout.slice(0, server.stdout.indexOf("/qr\n"));
    const written = [() => server.stdout.slice(greeting.length)];
    search.addText("the token", token);
    const ask = async (path: string, method = "GET", body?: unknown) =>
      dataOf(
        await call(`${url}${path}`, { token, method, body }),
        method === "POST" && path === "/devices" ? 201 : 200,
      );

    // Users, with tokens that are used.
    const send = async (path: string, sender: string, body?: unknown) =>
      at((await call(`${url}${path}`, { method: body ? "POST" : "GET", token: sender, body })).body, "data");
    const sent: string[] = [];
    const user = await send("/users", token, { email: "user@example.com", role: "user" });
    sent.push(textAt(user, "token"));
    const userId = textAt(user, "user", "id");
    sent.push(textAt(await send(`/users/${userId}/tokens`, token, { name: "Another" }), "token"));
    const tenant = { tenant_name: "Others", email: "admin@example.com" };
    sent.push(textAt(await send("/register", master, tenant), "token"));
    const metrics = await call(`${url}/metrics`, { token: forMetrics });
    assert.equal(metrics.status, 200);
    for (const [index, each] of sent.entries()) {
      assert.ok(textAt(await send("/me", each), "user", "id"));
      search.addText(`token ${index}`, each);
    }

    // One device by QR code, one by pairing code.
    const qrDevice = textAt(await ask("/devices", "POST", { name: "By QR code" }), "id");
    const qr = textAt(await ask(`/qr?device_id=${qrDevice}`), "qr_code");
    // The reference, the public keys of Noise and identity, and the secret that signs the account.
    for (const [index, part] of qr.split(/[#,]/).entries()) {
      if (part.length >= 40) search.addText(`part ${index} of the QR code`, part);
    }
    const firstLogin = nextEvent(simulator.events, "login");
    await byQr.scanQr(qr);
    await firstLogin;
    const codeDevice = textAt(await ask("/devices", "POST", { name: "By pairing code" }), "id");
    const code = textAt(
      await ask(`/paircode?device_id=${codeDevice}`, "POST", { number: byCode.phone }),
      "code",
    );
    search.addText("the pairing code", code);
    search.addText("the pairing code without its dash", code.replace("-", ""));
    const secondLogin = nextEvent(simulator.events, "login", ({ phone }) => phone === byCode.phone);
    await byCode.enterPairingCode(code);
    await secondLogin;

    const secretKeys = async () => {
      const text = await readFile(join(dataDir, "secret.key"), "utf8");
      return text.split("\n").filter((line) => line !== "");
    };
    for (const key of await secretKeys())
      search.addBytes("the key of the database", Buffer.from(key, "base64"));

    const live = async (round: number) => {
      for (const [device, account] of [
        [qrDevice, byQr],
        [codeDevice, byCode],
      ] as const) {
        await ask(`/connect?device_id=${device}`, "POST");
        const privacyToken = randomBytes(16);
        search.addBytes(`the privacy token of ${account.phone} in round ${round}`, privacyToken);
        friend.givePrivacyToken(account.phone, privacyToken);
        const message = `Swordfish is the word of round ${round}, ${account.phone}`;
        search.addText(`the message to ${account.phone} in round ${round}`, message);
        const receipt = nextEvent(simulator.events, "stanza", ({ stanza }) => stanza.tag === "receipt");
        await friend.sendMessage(account.phone, { conversation: message });
        await receipt;
        await until("the privacy token to be stored", async () => {
          const tokens = (await storedCredentials(dataDir)).keys.filter(({ type }) => type === "tctoken");
          const found = tokens.find(({ json }) => json.includes(privacyToken.toString("base64")));
          return { found, seen: tokens.length };
        });
        await ask(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
      }
      await addStored(search, dataDir);
    };
    const assertNothingFound = async (when: string) => {
      for (const name of await readdir(dataDir)) {
        if (name === "secret.key") continue;
        assert.deepEqual(search.findIn(await readFile(join(dataDir, name))), [], `${name}, ${when}`);
      }
      for (const text of written)
        assert.deepEqual(search.findIn(Buffer.from(text())), [], `the log, ${when}`);
    };

    await live(1);
    await assertNothingFound("while it runs");
    const killed = await server.end("SIGKILL");
    written.push(() => killed.stderr);
    written[0] = () => killed.stdout.slice(greeting.length);
    await assertNothingFound("after it was killed");

    server = start();
    url = await server.listening;
    await live(2);
    await rotateSecrets(readConfig({ WUTS_DATA_DIR: dataDir }));
    for (const key of await secretKeys())
      search.addBytes("a key of the database", Buffer.from(key, "base64"));
    await live(3);
    await ask(`/logout?device_id=${codeDevice}`, "POST");
    const { stdout, stderr } = await server.end("SIGTERM");
    written.push(
      () => stdout,
      () => stderr,
    );
    await assertNothingFound("after it stopped");

    assert.ok(search.size > 3_000, `${search.size} secrets`);
    assert.ok(written.reduce((sum, text) => sum + text().length, 0) > 20_000, "it did log");
    // It would have been found: what is in the database is what was looked for, once it is decrypted.
    const [{ json = "" } = {}] = (await storedCredentials(dataDir)).identities;
    await writeFile(join(dataDir, "planted"), json);
    await assert.rejects(assertNothingFound("with one planted"), /planted/);
  });
});

/** Adds all that a device keeps, decrypted: every key and session in it, private or not. */
async function addStored(search: SecretSearch, dataDir: string): Promise<void> {
  const { identities, keys } = await storedCredentials(dataDir);
  for (const expected of ["pre-key", "session", "tctoken", "lid-mapping"]) {
    assert.ok(
      keys.some(({ type }) => type === expected),
      expected,
    );
  }
  for (const { deviceId, json } of identities) {
    // Ids of messages look like keys, and are none.
    const { processedHistoryMessages: _ids, ...creds } = JSON.parse(json);
    addKeysIn(search, `credentials of ${deviceId}`, creds);
  }
  for (const { deviceId, type, id, json } of keys) {
    addKeysIn(search, `${type} ${id} of ${deviceId}`, JSON.parse(json));
  }
}

/** Adds whatever looks like a key: texts that are the base64 of 16 bytes or more, at any depth. */
function addKeysIn(search: SecretSearch, name: string, value: unknown): void {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (base64.test(key)) addKeysIn(search, name, key);
      addKeysIn(search, key === "data" ? name : `${name}.${key}`, inner);
    }
  } else if (typeof value === "string" && base64.test(value)) {
    search.addBytes(name, Buffer.from(value, "base64"));
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2,3}={0,2})?$/;

/** The private halves of all keys in the database: identity, Noise, signed pre-key, pairing and every pre-key. */
async function privateKeysIn(dataDir: string): Promise<string[]> {
  const { identities, keys } = await storedCredentials(dataDir);
  const [creds] = identities.map(({ json }): unknown => JSON.parse(json));
  const preKeys = keys.filter(({ type }) => type === "pre-key").map(({ json }): unknown => JSON.parse(json));
  const named = [
    ["noiseKey"],
    ["signedIdentityKey"],
    ["signedPreKey", "keyPair"],
    ["pairingEphemeralKeyPair"],
  ];
  return [
    ...named.map((path) => textAt(creds, ...path, "private", "data")),
    textAt(creds, "advSecretKey"),
    ...preKeys.map((key) => textAt(key, "private", "data")),
  ];
}

function lineWith(text: string, part: string): string | undefined {
  return text.split("\n").find((line) => line.includes(part));
}
