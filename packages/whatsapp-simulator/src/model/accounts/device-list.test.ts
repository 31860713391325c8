import assert from "node:assert/strict";
import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  proto,
} from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import type { Simulator } from "../../simulator.ts";
import { ask, type Client, connect, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { isSignedBy } from "../../test-support/verify-signature.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";
import { requireChild } from "../../wire/stanza.ts";
import { deviceHash } from "./device-list.ts";

const ANA = "5511999999999";
const BIA = "5511888888888";
const ANA_JID = `${ANA}@s.whatsapp.net`;
const ANA_LID = "900001@lid";

/** Ana has one device, and is among the contacts of Bia; Bia is connected, too. */
async function withAcquaintance(t: TestContext) {
  const simulator = await withSimulator(t);
  const ana = simulator.addAccount({ phone: ANA, lid: "900001" });
  simulator.addAccount({ phone: BIA, contacts: [{ phone: ANA, fullName: "Ana" }] });
  const own = await pairAndLogIn(simulator, ANA);
  const bia = await pairAndLogIn(simulator, BIA);
  t.onTestFinished(async () => {
    await Promise.all([own.end(), bia.end()]);
  });
  return { simulator, ana, own, bia };
}

/** The next notification of a type that a client is sent. */
function nextNotification({ sock }: Client, type: string): Promise<BinaryNode> {
  return new Promise((resolve) => {
    const listen = (stanza: BinaryNode) => {
      if (stanza.attrs.type !== type) return;
      sock.ws.off("CB:notification", listen);
      resolve(stanza);
    };
    sock.ws.on("CB:notification", listen);
  });
}

async function linkAnother(simulator: Simulator, phone: string): Promise<void> {
  const pairing = connect(simulator);
  await simulator.account(phone).scanQr(await pairing.qr());
  await pairing.closed;
}

/** The devices of Ana, as a client is answered. */
async function devicesOf({ sock }: Client, jid: string): Promise<BinaryNode> {
  const answer = await ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "usync" }, [
    {
      tag: "usync",
      attrs: { sid: "1", mode: "query", last: "true", index: "0", context: "message" },
      content: [
        { tag: "query", attrs: {}, content: [{ tag: "devices", attrs: { version: "2" } }] },
        { tag: "list", attrs: {}, content: [{ tag: "user", attrs: { jid } }] },
      ],
    },
  ]);
  assert.ok("tag" in answer);
  const user = requireChild(requireChild(requireChild(answer, "usync"), "list"), "user");
  return requireChild(user, "devices");
}

/** What the phone has signed; its time and its signature are right. */
function keyIndexes(list: BinaryNode | undefined, accountKey: Uint8Array) {
  assert.ok(list?.tag === "key-index-list" && list.content instanceof Uint8Array);
  const { details, accountSignature } = proto.ADVSignedKeyIndexList.decode(list.content);
  assert.ok(details && accountSignature);
  const signed = Buffer.concat([Buffer.from([6, 2]), details]);
  assert.ok(isSignedBy(accountKey, signed, accountSignature));
  assert.ok(!isSignedBy(accountKey, Buffer.concat([signed, signed]), accountSignature));
  const { rawId, timestamp, currentIndex, validIndexes } = proto.ADVKeyIndexList.decode(details);
  assert.equal(list.attrs.ts, String(timestamp));
  return { rawId, currentIndex, validIndexes };
}

/** What the account gave its device when it was linked: by that one knows the phone. */
function identityOf({ auth }: Client) {
  const { account } = auth.creds;
  assert.ok(account?.accountSignatureKey && account.details);
  return { key: account.accountSignatureKey, rawId: proto.ADVDeviceIdentity.decode(account.details).rawId };
}

describe("the hash of a list of devices", () => {
  it("does not depend on their order, or on the old name of the server", () => {
    assert.equal(deviceHash([]), "2:47DEQpj8");
    assert.equal(
      deviceHash([`${ANA}:1@s.whatsapp.net`, ANA_JID]),
      deviceHash([`${ANA}@c.us`, `${ANA}:1@c.us`]),
    );
    assert.match(deviceHash([ANA_JID]), /^2:[A-Za-z0-9+/]{8}$/);
    assert.equal(
      new Set([[ANA_JID], [ANA_LID], [ANA_JID, `${ANA}:1@s.whatsapp.net`]].map(deviceHash)).size,
      3,
    );
  });
});

describe("the list of an account's devices", () => {
  it("has its hash by number or LID, and is signed", async (t) => {
    const { simulator, own, bia } = await withAcquaintance(t);
    const { key, rawId } = identityOf(own);
    for (const [jid, device] of [
      [ANA_JID, `${ANA}:1@s.whatsapp.net`],
      [ANA_LID, "900001:1@lid"],
    ] as const) {
      const devices = await devicesOf(bia, jid);
      assert.equal(requireChild(devices, "device-list").attrs.hash, deviceHash([jid, device]));
      const indexes = keyIndexes(getBinaryNodeChild(devices, "key-index-list"), key);
      assert.deepEqual(indexes, { rawId, currentIndex: 1, validIndexes: [0, 1] });
    }
    simulator.addAccount({ phone: "5511777777777" });
    const none = await devicesOf(bia, "5511777777777@s.whatsapp.net");
    assert.equal(getBinaryNodeChildBuffer(none, "key-index-list"), undefined);
  });

  it("is sent to acquaintances and to the account's own devices when it changes", async (t) => {
    const { simulator, ana, own, bia } = await withAcquaintance(t);
    const { key, rawId } = identityOf(own);
    const [added, listed] = [nextNotification(bia, "devices"), nextNotification(own, "account_sync")];
    await linkAnother(simulator, ANA);
    const jids = [ANA_JID, `${ANA}:1@s.whatsapp.net`, `${ANA}:2@s.whatsapp.net`];
    const lids = [ANA_LID, "900001:1@lid", "900001:2@lid"];
    const notification = await added;
    assert.deepEqual([notification.attrs.from, notification.attrs.lid], [ANA_JID, ANA_LID]);
    const [add] = getAllBinaryNodeChildren(notification);
    assert.ok(add);
    assert.deepEqual(
      [add.tag, add.attrs, getBinaryNodeChild(add, "device")?.attrs],
      [
        "add",
        { device_hash: deviceHash(jids), device_lid_hash: deviceHash(lids) },
        { jid: jids[2], lid: lids[2], "key-index": "2" },
      ],
    );
    const indexes = keyIndexes(getBinaryNodeChild(add, "key-index-list"), key);
    assert.deepEqual(indexes, { rawId, currentIndex: 2, validIndexes: [0, 1, 2] });

    const all = requireChild(await listed, "devices");
    const [phone, ...companions] = getAllBinaryNodeChildren(all).filter(({ tag }) => tag === "device");
    assert.equal(all.attrs.dhash, deviceHash(jids));
    assert.deepEqual([phone?.attrs, companions.length], [{ jid: ANA_JID, lid: ANA_LID }, 2]);

    const [removed, left] = [nextNotification(bia, "devices"), nextNotification(own, "account_sync")];
    ana.unlink(2);
    const remove = requireChild(await removed, "remove");
    assert.equal(remove.attrs.device_hash, deviceHash(jids.slice(0, 2)));
    assert.deepEqual(getBinaryNodeChild(remove, "device")?.attrs.jid, jids[2]);
    const list = requireChild(remove, "key-index-list");
    assert.ok(Number(list.attrs.ts) > 0 && list.content === undefined);
    assert.equal(requireChild(await left, "devices").attrs.dhash, deviceHash(jids.slice(0, 2)));
    const after = keyIndexes(getBinaryNodeChild(await devicesOf(bia, ANA_JID), "key-index-list"), key);
    assert.deepEqual(after, { rawId, currentIndex: 2, validIndexes: [0, 1] });
  });
});
