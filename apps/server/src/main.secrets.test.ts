import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { startSimulator } from "@wuts/whatsapp-simulator";
import { assertRefused, call, dataOf, listAt, textAt } from "./test-support/call.ts";
import { startServerProcess, temporaryFolder } from "./test-support/server-process.ts";
import { nextEvent } from "./test-support/until.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const nobody = "5511444444444";
const saying = "The password of the safe is swordfish";

describe("What the server writes at WUTS_LOG_LEVEL=trace", () => {
  it("holds no token, no key, no message and no phone number, through a whole life of a device", async (t) => {
    const simulator = await startSimulator();
    t.after(() => simulator.stop());
    const phone = simulator.addAccount({ phone: owner });
    const friend = simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    const dataDir = join(await temporaryFolder(t), "data");
    const server = startServerProcess(t, {
      WUTS_PORT: "0",
      WUTS_DATA_DIR: dataDir,
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_WHATSAPP_TIMEOUT_MS: "1000",
      WUTS_LOG_LEVEL: "trace",
      WUTS_RECONNECT_MIN_MS: "1",
      WUTS_RECONNECT_MAX_MS: "20",
    });
    const url = await server.listening;
    const token = /Bearer (\S+)"/.exec(server.stdout)?.[1] ?? "";
    const ask = (path: string, method = "GET", body?: unknown) =>
      call(`${url}${path}`, { token, method, body });

    // Pair by code, give up, pair by QR.
    const code = textAt(dataOf(await ask("/paircode", "POST", { phone: owner })), "code");
    const qr = textAt(dataOf(await ask("/qr")), "qr_code");
    const login = nextEvent(simulator.events, "login");
    await phone.scanQr(qr);
    await login;
    dataOf(await ask("/connect", "POST"));

    // Ask in every way that goes well or wrong.
    const pictures = "/contacts/profile-picture";
    dataOf(await ask(`${pictures}?number=${ana}`));
    assertRefused(await ask(`${pictures}?number=${nobody}`), 404, "NOT_ON_WHATSAPP");
    assertRefused(await ask(`${pictures}?jid=${ana}@c.us`), 400, "VALIDATION_ERROR");
    assertRefused(await ask(`/${ana}?token=${token}`), 404, "NOT_FOUND");
    assertRefused(await ask("/paircode", "POST", `{"phone":"${ana}`), 400, "VALIDATION_ERROR");
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

    const keys = privateKeysIn(dataDir);
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
      ...[owner, ana, nobody, phone.lid.replace("@lid", ""), friend.lid.replace("@lid", "")],
      ...["privKey", "rootKey", "swordfish", "<Buffer"],
    ];
    for (const secret of secrets) {
      assert.ok(!written.includes(secret), `it wrote ${secret}: ${lineWith(written, secret)}`);
    }
  });
});

/** The private halves of all keys in the database: identity, Noise, signed pre-key, pairing and every pre-key. */
function privateKeysIn(dataDir: string): string[] {
  const database = new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
  const creds: unknown = JSON.parse(textAt(database.prepare("select creds from credentials").get(), "creds"));
  const preKeys: unknown[] = database
    .prepare("select value from signal_keys where type = 'pre-key'")
    .all()
    .map((row) => JSON.parse(textAt(row, "value")));
  database.close();
  const named = [
    ["noiseKey"],
    ["signedIdentityKey"],
    ["signedPreKey", "keyPair"],
    ["pairingEphemeralKeyPair"],
  ];
  return [
    ...named.map((path) => textAt(creds, ...path, "private", "data")),
    textAt(creds, "advSecretKey"),
    ...listAt({ preKeys }, "preKeys").map((key) => textAt(key, "private", "data")),
  ];
}

function lineWith(text: string, part: string): string | undefined {
  return text.split("\n").find((line) => line.includes(part));
}
