import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Curve, decodeBinaryNode, proto } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { startSimulator } from "../../simulator.ts";
import { linkDevice, NoiseClient, type NoiseLogin } from "../../test-support/noise-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const PHONE = "5511999999999";

/** A simulator, and what a device that is linked with it logs in with. */
async function linked(t: TestContext) {
  const simulator = await withSimulator(t);
  simulator.addAccount({ phone: PHONE });
  const login = await linkDevice(simulator, PHONE);
  return { simulator, login };
}

/** Logs in, asks something and is answered. @returns what the handshake came to. */
async function logInAndAsk(url: string, login: NoiseLogin, knownKey?: Uint8Array) {
  const client = await NoiseClient.connect(url);
  const result = await client.handshake(login, knownKey);
  const { attrs } = await client.nextStanza(({ tag }) => tag === "success");
  const pong = await client.ask({ type: "get", xmlns: "w:p" });
  assert.deepEqual([attrs.lid?.endsWith(":1@lid"), pong.attrs.type], [true, "result"]);
  await client.end();
  return result;
}

describe("the Noise handshake", () => {
  it("is XX for a client that knows nothing, with a certificate of the server's key", async (t) => {
    const { simulator, login } = await linked(t);
    const { pattern, serverKey, certificate } = await logInAndAsk(simulator.url, login);
    const leaf = proto.CertChain.NoiseCertificate.Details.decode(
      certificate.leaf?.details ?? new Uint8Array(),
    );
    assert.deepEqual([pattern, Buffer.from(leaf.key ?? [])], ["XX", serverKey]);
  });

  it("is IK for a client that knows the server's key", async (t) => {
    const { simulator, login } = await linked(t);
    const { serverKey, certificate } = await logInAndAsk(simulator.url, login);
    const again = await logInAndAsk(simulator.url, login, serverKey);
    assert.deepEqual([again.pattern, again.certificate], ["IK", certificate]);
  });

  it("falls back to XX when the client knows another server's key", async (t) => {
    const { simulator, login } = await linked(t);
    const { serverKey } = await logInAndAsk(simulator.url, login);
    const again = await logInAndAsk(simulator.url, login, Curve.generateKeyPair().public);
    assert.deepEqual([again.pattern, again.serverKey], ["XXfallback", serverKey]);
  });

  it("comes after the same faults in IK, and refuses the same devices", async (t) => {
    const { simulator, login } = await linked(t);
    const { serverKey } = await logInAndAsk(simulator.url, login);
    const stranger = { ...login, key: Curve.generateKeyPair() };
    const client = await NoiseClient.connect(simulator.url);
    assert.equal((await client.handshake(stranger, serverKey)).pattern, "IK");
    assert.deepEqual((await client.nextStanza()).attrs.reason, "401");
    await client.closed;
    const undo = simulator.faults.cutHandshake("finish");
    const cut = await NoiseClient.connect(simulator.url);
    await assert.rejects(cut.handshake(login, serverKey), /closed/);
    undo();
    assert.equal((await logInAndAsk(simulator.url, login, serverKey)).pattern, "IK");
  });

  for (const [protocol, dictionary] of [
    [6, 2],
    [5, 2],
    [6, 4],
  ] as const)
    it(`says to a client of version ${protocol} and dictionary ${dictionary} in one sentence what is wrong`, async (t) => {
      const simulator = await startSimulator();
      t.onTestFinished(() => simulator.stop());
      const reported = once(simulator.events, "error");
      const client = await NoiseClient.connect(simulator.url);
      const login = { key: Curve.generateKeyPair(), payload: { username: Number(PHONE), device: 1 } };
      await client.handshake(login, undefined, Buffer.from([0x57, 0x41, protocol, dictionary]));
      const plain = await client.nextPlaintext();
      const [error]: unknown[] = await reported;
      assert.ok(error instanceof Error && error.name === "ClientNotSupported");
      const attrs = { reason: "405", location: "sim", message: error.message };
      const { tag, attrs: sent } = await decodeBinaryNode(plain);
      assert.deepEqual([tag, sent], ["failure", attrs]);
      // In no dictionary: every word is spelt out.
      const words = ["failure", ...Object.entries(attrs).flat()];
      assert.deepEqual(
        words.filter((word) => !plain.includes(word)),
        [],
      );
      const { code, reason } = await client.closed;
      assert.deepEqual([code, reason], [1002, error.message.slice(0, 123)]);
      const said = `the client WhatsApp ${protocol} with dictionary ${dictionary}: take a newer client`;
      assert.ok(error.message.endsWith(said), error.message);
    });

  it("leaves one line on stderr about such clients without a listener", async () => {
    const script = fileURLToPath(new URL("../../test-support/start-for-old-client.ts", import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"] });
    const [stderr, stdout] = await Promise.all([text(child.stderr), text(child.stdout)]);
    assert.match(stderr, /ClientNotSupported: this simulator speaks WhatsApp 6 with dictionary 3/);
    assert.equal(stderr.match(/ClientNotSupported/g)?.length, 1);
    assert.equal(stdout, "");
  });
});
