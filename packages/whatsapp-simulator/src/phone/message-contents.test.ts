import assert from "node:assert/strict";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { type BinaryNode, decryptPollVote, proto } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { pairAndLogIn } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const ALICE = "5511900000001";
const BOB = "5511900000002";
const CAROL = "5511900000003";
const GROUP = "120363000000000001@g.us";

/** Alice's linked device, with the `<message>` stanzas that it gets, and the phones of Bob and Carol. */
async function arrange(t: TestContext) {
  const simulator = await withSimulator(t);
  simulator.addAccount({ phone: ALICE, name: "Alice" });
  const [bob, carol] = [BOB, CAROL].map((phone) => simulator.addAccount({ phone }));
  assert.ok(bob && carol);
  simulator.addGroup({ jid: GROUP, subject: "Três", participants: [BOB, ALICE, CAROL] });
  const client = await pairAndLogIn(simulator, ALICE);
  t.onTestFinished(client.end);
  const stanzas = new Map<string | undefined, BinaryNode>();
  client.sock.ws.on("CB:message", (stanza: BinaryNode) => stanzas.set(stanza.attrs.id, stanza));
  /** @returns the message with its id as the device decrypted it, and what could be read of it before */
  const heard = async (id: string) => {
    const { key, message } = await client.nextMessage(({ key }) => key.id === id);
    const { attrs, content = [] } = stanzas.get(id) ?? {};
    assert.ok(Array.isArray(content) && message);
    const encrypted = content.filter(({ tag }) => tag === "enc").at(-1);
    const meta = content.find(({ tag }) => tag === "meta");
    const outside = {
      type: attrs?.type,
      edit: attrs?.edit,
      hidden: encrypted?.attrs["decrypt-fail"],
      polltype: meta?.attrs.polltype,
    };
    return { key, message, outside };
  };
  return { simulator, client, bob, carol, heard };
}

const plain = { type: "text", edit: undefined, hidden: undefined, polltype: undefined };

describe("a phone", () => {
  it("reacts to a message, takes the reaction back, and pins it", async (t) => {
    const { bob, carol, heard, client } = await arrange(t);
    const id = await bob.sendMessage(ALICE, { conversation: "hi" });
    assert.deepEqual((await heard(id)).outside, plain);
    for (const text of ["👍", ""]) {
      const { message, outside } = await heard(await bob.react(ALICE, { id, author: BOB }, text));
      assert.deepEqual(outside, { ...plain, type: "reaction", hidden: "hide" });
      assert.deepEqual([message.reactionMessage?.text, message.reactionMessage?.key?.id], [text, id]);
    }
    const sent = await client.sock.sendMessage(GROUP, { text: "to all" });
    const target = { id: sent?.key.id ?? "", author: ALICE };
    await carol.waitForMessage();
    const pinned = await heard(await carol.pin(GROUP, target));
    assert.deepEqual(pinned.outside, { ...plain, edit: "2", hidden: "hide" });
    const { key } = pinned.message.pinInChatMessage ?? {};
    assert.deepEqual([key?.remoteJid, key?.id], [GROUP, target.id]);
  });

  it("revokes its own message, and as an admin another one's", async (t) => {
    const { bob, carol, heard } = await arrange(t);
    const own = await bob.sendMessage(ALICE, { conversation: "oops" });
    await heard(own);
    const revoked = await heard(await bob.revoke(ALICE, { id: own, author: BOB }));
    assert.equal(revoked.outside.edit, "7");
    assert.equal(revoked.message.protocolMessage?.key?.id, own);
    const others = await carol.sendGroupMessage(GROUP, { conversation: "spam" });
    await heard(others);
    const takenDown = await heard(await bob.revoke(GROUP, { id: others, author: CAROL }));
    assert.equal(takenDown.outside.edit, "8");
    assert.deepEqual(
      [takenDown.message.protocolMessage?.key?.id, takenDown.message.protocolMessage?.key?.participant],
      [others, carol.jid],
    );
  });

  it("edits its message, openly and under the message's secret", async (t) => {
    const { bob, heard } = await arrange(t);
    const id = await bob.sendMessage(ALICE, { conversation: "helo" });
    const { messageContextInfo } = (await heard(id)).message;
    const target = { id, author: BOB };
    const open = await heard(await bob.edit(ALICE, target, "hello"));
    assert.deepEqual(open.outside, { ...plain, edit: "1" });
    assert.equal(open.message.editedMessage?.message?.protocolMessage?.editedMessage?.conversation, "hello");
    const secret = await heard(await bob.editSecretly(ALICE, target, "hello!"));
    assert.deepEqual(secret.outside, { ...plain, edit: "1" });
    const { encPayload, encIv, targetMessageKey } = secret.message.secretEncryptedMessage ?? {};
    assert.ok(encPayload && encIv && messageContextInfo?.messageSecret);
    assert.equal(targetMessageKey?.id, id);
    const info = `${id}${bob.jid}${bob.jid}Message Edit`;
    const key = new Uint8Array(hkdfSync("sha256", messageContextInfo.messageSecret, "", info, 32));
    const decipher = createDecipheriv("aes-256-gcm", key, encIv).setAuthTag(encPayload.subarray(-16));
    const plaintext = Buffer.concat([decipher.update(encPayload.subarray(0, -16)), decipher.final()]);
    const { protocolMessage } = proto.Message.decode(plaintext);
    assert.equal(protocolMessage?.editedMessage?.conversation, "hello!");
    await assert.rejects(bob.editSecretly(ALICE, { id: "unknown", author: BOB }, "?"), /no secret/);
  });

  it("makes a poll, and votes in its own and in the one of a linked device, by any address", async (t) => {
    const { simulator, client, bob, carol, heard } = await arrange(t);
    const alice = simulator.account(ALICE);
    const hashes = (...names: string[]) => names.map((name) => createHash("sha256").update(name).digest());
    const pollId = await bob.sendPoll(GROUP, "Where?", ["here", "there"], 1);
    const made = await heard(pollId);
    assert.deepEqual(made.outside, { ...plain, type: "poll", polltype: "creation" });
    const sent = await client.sock.sendMessage(bob.jid, {
      poll: { name: "When?", values: ["now", "later"], selectableCount: 2 },
    });
    await bob.waitForMessage(({ id }) => id === sent?.key.id);

    for (const [chat, poll, voter, author, chosen, by] of [
      [GROUP, made, carol, bob, ["there"], { voter: "lid", author: "lid" }],
      [GROUP, made, bob, bob, [], undefined],
      [ALICE, sent, bob, alice, ["now", "later"], { author: "lid" }],
    ] as const) {
      const id = poll?.key.id ?? "";
      const { outside, message } = await heard(
        await voter.vote(chat, { id, author: author.phone }, chosen, by),
      );
      assert.deepEqual(outside, { ...plain, type: "poll", polltype: "vote", hidden: "hide" });
      assert.equal(message.pollUpdateMessage?.pollCreationMessageKey?.id, id);
      const pollEncKey = poll?.message?.messageContextInfo?.messageSecret;
      assert.ok(pollEncKey);
      const vote = decryptPollVote(message.pollUpdateMessage?.vote ?? {}, {
        pollEncKey,
        pollMsgId: id,
        pollCreatorJid: author[by?.author ?? "jid"],
        voterJid: voter[by && "voter" in by ? by.voter : "jid"],
      });
      assert.deepEqual(
        vote.selectedOptions?.map((option) => Buffer.from(option)),
        hashes(...chosen),
      );
    }
  });
});
