import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
} from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { requireChild, requireNumber } from "../stanza.ts";
import type { Client } from "../test-support/baileys-client.ts";
import { ask, pairAndLogIn } from "../test-support/baileys-client.ts";
import { linkDevice, logIn } from "../test-support/noise-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

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
