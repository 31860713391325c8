import assert from "node:assert/strict";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { deviceHash } from "../model/accounts/device-list.ts";
import { pairAndLogIn } from "../test-support/baileys-client.ts";
import { linkDevice, logIn, type NoiseClient } from "../test-support/noise-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const ANA = "5511999999999";
const BIA = "5511888888888";
const GROUP = "120363000000000001@g.us";
const [ANA_JID, BIA_JID] = [ANA, BIA].map((phone) => `${phone}@s.whatsapp.net`) as [string, string];
const [ANA_LID, BIA_LID] = ["900001@lid", "900002@lid"];
const ANA_DEVICE = `${ANA}:1@s.whatsapp.net`;

/** A device of Ana's, whose messages cannot be read: phones are asked nothing, and Bia has no device. */
async function withSender(t: TestContext) {
  const simulator = await withSimulator(t);
  simulator.events.removeAllListeners("error");
  simulator.addAccount({ phone: ANA, lid: "900001" });
  simulator.addAccount({ phone: BIA, lid: "900002" });
  simulator.addGroup({ jid: GROUP, subject: "Duas", participants: [ANA, BIA] });
  const client = await logIn(simulator, await linkDevice(simulator, ANA));
  t.onTestFinished(client.end.bind(client));
  return { simulator, client };
}

/** Sends a message that only its addresses matter of. @returns the `phash` of its acknowledgement. */
async function send(client: NoiseClient, to: string, named: readonly string[] | null, attrs = {}) {
  const enc: BinaryNode = { tag: "enc", attrs: { v: "2", type: "msg" }, content: Buffer.from("unreadable") };
  const participants: BinaryNode = {
    tag: "participants",
    attrs: {},
    content: (named ?? []).map((jid) => ({ tag: "to", attrs: { jid }, content: [enc] })),
  };
  const id = `${Math.random()}`;
  client.send({
    tag: "message",
    attrs: { id, to, type: "text", ...attrs },
    content: [named ? participants : enc],
  });
  const ack = await client.nextStanza(({ tag, attrs: { id: answered } }) => tag === "ack" && answered === id);
  return ack.attrs.phash;
}

describe("phash in the acknowledgement of a message", () => {
  it("is absent when the message went to every device, by number, by LID or by both", async (t) => {
    const { client } = await withSender(t);
    assert.equal(await send(client, BIA_JID, [BIA_JID, ANA_JID]), undefined);
    assert.equal(await send(client, BIA_LID, [BIA_LID, ANA_LID]), undefined);
    assert.equal(await send(client, BIA_LID, [BIA_LID, ANA_JID]), undefined);
    assert.equal(await send(client, ANA_JID, [ANA_JID]), undefined);
  });

  it("is that of the devices there are when one was left out, or is there no more", async (t) => {
    const { simulator, client } = await withSender(t);
    await linkDevice(simulator, BIA);
    const device = `${BIA}:1@s.whatsapp.net`;
    const all = deviceHash([BIA_JID, device, ANA_JID, ANA_DEVICE]);
    assert.equal(await send(client, BIA_JID, [BIA_JID, ANA_JID]), all);
    assert.equal(await send(client, BIA_JID, [BIA_JID, device, ANA_JID]), undefined);
    assert.equal(
      await send(client, BIA_LID, [BIA_LID, ANA_LID]),
      deviceHash([BIA_LID, "900002:1@lid", ANA_LID, "900001:1@lid"]),
    );
    simulator.account(BIA).unlink();
    assert.equal(
      await send(client, BIA_JID, [BIA_JID, device, ANA_JID]),
      deviceHash([BIA_JID, ANA_JID, ANA_DEVICE]),
    );
  });

  it("makes Baileys find a device that is younger than its list", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: ANA, lid: "900001" });
    simulator.addAccount({ phone: BIA, lid: "900002" });
    const { sock, end } = await pairAndLogIn(simulator, ANA);
    t.onTestFinished(end);
    const sendText = async () => {
      const ack = new Promise<BinaryNode>((resolve) => sock.ws.once("CB:ack,class:message", resolve));
      await sock.sendMessage(BIA_JID, { text: "Oi" });
      return (await ack).attrs.phash;
    };
    assert.equal(await sendText(), undefined);
    await linkDevice(simulator, BIA);
    const hash = deviceHash([BIA_JID, `${BIA}:1@s.whatsapp.net`, ANA_JID, ANA_DEVICE]);
    assert.equal(await sendText(), hash);
  });

  it("is compared with the client's own where it sends one, as in groups", async (t) => {
    const { client } = await withSender(t);
    const all = deviceHash([BIA_JID, ANA_JID, ANA_DEVICE]);
    assert.equal(await send(client, GROUP, [], { phash: all }), undefined);
    assert.equal(await send(client, GROUP, [], { phash: "2:47DEQpj8" }), all);
    assert.equal(await send(client, GROUP, []), undefined);
  });

  it("is not for messages to one device, or to an unknown account", async (t) => {
    const { client } = await withSender(t);
    assert.equal(await send(client, BIA_JID, null), undefined);
    assert.equal(await send(client, ANA_JID, [ANA_JID], { category: "peer" }), undefined);
    assert.equal(await send(client, BIA_JID, [BIA_JID], { participant: BIA_JID }), undefined);
    assert.equal(await send(client, "5511777777777@s.whatsapp.net", [ANA_JID]), undefined);
  });
});
