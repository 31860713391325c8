import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  proto,
} from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import type { Client } from "../../test-support/baileys-client.ts";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { linkDevice, logIn } from "../../test-support/noise-client.ts";
import { isSignedBy } from "../../test-support/verify-signature.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";
import { requireBytes, requireChild, requireNumber } from "../../wire/stanza.ts";

const PHONE = "5511999999999";
const OTHER = "5511888888888";
const DIGEST = { to: "@s.whatsapp.net", type: "get", xmlns: "encrypt" };

async function digestOf({ sock }: Client): Promise<BinaryNode> {
  const answer = await ask(sock, { ...DIGEST }, [{ tag: "digest", attrs: {} }]);
  assert.ok("tag" in answer, JSON.stringify(answer));
  return requireChild(answer, "digest");
}

/** What WhatsApp Web calculates from its own keys, in the order of the list that it was given. */
async function expectedHash({ auth }: Client, ids: readonly number[]): Promise<Buffer> {
  const { signedIdentityKey, signedPreKey } = auth.creds;
  const preKeys = await auth.keys.get("pre-key", ids.map(String));
  const hash = createHash("sha1");
  for (const part of [signedIdentityKey.public, signedPreKey.keyPair.public, signedPreKey.signature])
    hash.update(part);
  for (const id of ids) hash.update(preKeys[String(id)]?.public ?? "unknown");
  return hash.digest();
}

function listedIds(digest: BinaryNode): number[] {
  return getAllBinaryNodeChildren(requireChild(digest, "list")).map((id) =>
    requireNumber({ tag: "list", attrs: {}, content: [id] }, "id"),
  );
}

describe("the digest of a device's keys", () => {
  it("names all of them, and has the hash that the device calculates, also when some are gone", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const other = simulator.addAccount({ phone: OTHER });
    const client = await pairAndLogIn(simulator, PHONE);
    t.onTestFinished(client.end);
    const digest = await digestOf(client);
    const { registrationId, signedIdentityKey, signedPreKey } = client.auth.creds;
    const skey = requireChild(digest, "skey");
    assert.deepEqual(
      getAllBinaryNodeChildren(digest).map(({ tag }) => tag),
      ["registration", "type", "identity", "skey", "list", "hash"],
    );
    assert.equal(requireNumber(digest, "registration"), registrationId);
    assert.equal(requireNumber(digest, "type"), 5);
    assert.deepEqual(getBinaryNodeChildBuffer(digest, "identity"), Buffer.from(signedIdentityKey.public));
    assert.equal(requireNumber(skey, "id"), signedPreKey.keyId);
    assert.deepEqual(getBinaryNodeChildBuffer(skey, "value"), Buffer.from(signedPreKey.keyPair.public));
    assert.deepEqual(getBinaryNodeChildBuffer(skey, "signature"), Buffer.from(signedPreKey.signature));
    const ids = listedIds(digest);
    assert.equal(ids.length, client.device.preKeyCount);
    assert.deepEqual(getBinaryNodeChildBuffer(digest, "hash"), await expectedHash(client, ids));

    await other.sendMessage(PHONE, { conversation: "takes a pre-key" });
    const after = await digestOf(client);
    assert.deepEqual(listedIds(after), ids.slice(1));
    assert.deepEqual(getBinaryNodeChildBuffer(after, "hash"), await expectedHash(client, ids.slice(1)));
  });

  it("is 404 for a device that has uploaded none", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const client = await logIn(simulator, await linkDevice(simulator, PHONE));
    const answer = await client.ask(DIGEST, [{ tag: "digest", attrs: {} }]);
    assert.deepEqual(
      [answer.attrs.type, getBinaryNodeChild(answer, "error")?.attrs],
      ["error", { code: "404", text: "item-not-found" }],
    );
    await client.end();
  });
});

describe("the keys of a linked device", () => {
  it("come with the identity that account and device have signed, also after a restart", async (t) => {
    const simulator = await withSimulator(t);
    const own = simulator.addAccount({ phone: PHONE });
    simulator.addAccount({ phone: OTHER });
    const client = await pairAndLogIn(simulator, PHONE);
    const { account, signedIdentityKey } = client.auth.creds;
    const accountKey = account?.accountSignatureKey ?? new Uint8Array();
    const asking = await linkDevice(simulator, OTHER);
    await client.end();
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    for (const each of [simulator, await withSimulator(t, { state })]) {
      const other = await logIn(each, asking);
      const users = ["", ":1"].map((device) => ({
        tag: "user",
        attrs: { jid: `${PHONE}${device}@s.whatsapp.net` },
      }));
      const answer = await other.ask({ type: "get", xmlns: "encrypt" }, [
        { tag: "key", attrs: {}, content: users },
      ]);
      const [phone, device] = getAllBinaryNodeChildren(requireChild(answer, "list"));
      assert.ok(phone && device);
      assert.equal(getBinaryNodeChild(phone, "device-identity"), undefined);
      const { details, accountSignature, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(
        requireBytes(device, "device-identity"),
      );
      assert.ok(details && accountSignature && deviceSignature);
      const key = requireBytes(device, "identity");
      assert.deepEqual(key, Buffer.from(signedIdentityKey.public));
      const signed = (kind: number, ...more: Uint8Array[]) =>
        Buffer.concat([Buffer.from([6, kind]), details, key, ...more]);
      assert.ok(isSignedBy(accountKey, signed(0), accountSignature));
      assert.ok(isSignedBy(key, signed(1, accountKey), deviceSignature));
      await other.end();
    }
    assert.equal(own.devices.length, 1);
  });
});
