import assert from "node:assert/strict";
import { once } from "node:events";
import { type BinaryNode, getBinaryNodeChildString } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { type Client, connect } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";
import { element, SERVER_JID } from "../../wire/stanza.ts";

const PHONE = "5511999999999";
const OTHER = "5511888888888";

describe("an account that confirms new devices with a passkey", () => {
  const asked = async (client: Client): Promise<BinaryNode> => {
    const [stanza] = await once(client.sock.ws, "CB:notification,type:passkey_prologue_request");
    return stanza;
  };

  for (const [how, link] of [
    ["a QR code", async (client: Client) => client.qr()],
    [
      "a pairing code",
      async (client: Client) => client.qr().then(() => client.sock.requestPairingCode(PHONE)),
    ],
  ] as const)
    it(`asks the client for it behind ${how}, and links nothing`, async (t) => {
      const simulator = await withSimulator(t);
      const account = simulator.addAccount({ phone: PHONE });
      const undo = simulator.faults.requirePasskey(PHONE);
      const client = connect(simulator);
      const request = asked(client);
      const code = await link(client);
      const typed = how === "a QR code" ? account.scanQr(code) : account.enterPairingCode(code);
      await assert.rejects(typed, { name: "PasskeyRequired" });
      const asking = await request;
      assert.partialDeepStrictEqual(asking.attrs, { from: SERVER_JID, type: "passkey_prologue_request" });
      const options = JSON.parse(getBinaryNodeChildString(asking, "passkey_request_options") ?? "");
      assert.partialDeepStrictEqual(options, { rpId: "whatsapp.com", userVerification: "required" });
      assert.deepEqual(account.devices, []);
      await client.end();
      undo();
      const next = connect(simulator);
      await account.scanQr(await next.qr());
      assert.equal((await next.closed).code, 515);
    });

  it("is the named one only, or each", async (t) => {
    const simulator = await withSimulator(t);
    const [account, other] = [PHONE, OTHER].map((phone) => simulator.addAccount({ phone }));
    simulator.faults.requirePasskey(PHONE);
    const client = connect(simulator);
    await other?.scanQr(await client.qr());
    assert.equal((await client.closed).code, 515);
    simulator.faults.reset();
    simulator.faults.requirePasskey();
    const next = connect(simulator);
    await assert.rejects(account?.scanQr(await next.qr()) ?? Promise.resolve(), { name: "PasskeyRequired" });
    await next.end();
  });
});

describe("what else can go wrong between scan and login", () => {
  it("is that the restart never comes", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    simulator.faults.withholdRestart();
    const client = connect(simulator);
    const device = await account.scanQr(await client.qr());
    assert.equal(await client.until(({ isNewLogin }) => isNewLogin), true);
    assert.deepEqual([account.devices, device.connected], [[device], false]);
    // The connection is there still: it gets what is sent.
    const received = once(client.sock.ws, "CB:ib");
    assert.equal(simulator.faults.sendStanzaToAll(element("ib", { from: SERVER_JID })), 1);
    await received;
    await client.end();
    const again = connect(simulator, client.auth);
    await again.opened();
    await again.end();
  });
});
