import assert from "node:assert/strict";
import { once } from "node:events";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { connect, pairAndLogIn } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const ALICE = "5511900000001";
const BOB = "5511900000002";
const CAROL = "5511900000003";
const GROUP = "120363000000000001@g.us";

async function threeAccounts(t: TestContext) {
  const simulator = await withSimulator(t);
  const [alice, bob, carol] = [
    simulator.addAccount({ phone: ALICE, name: "Alice" }),
    simulator.addAccount({ phone: BOB, name: "Bob" }),
    simulator.addAccount({ phone: CAROL, name: "Carol" }),
  ];
  simulator.addGroup({ jid: GROUP, subject: "Três", participants: [ALICE, BOB, CAROL] });
  return { simulator, alice, bob, carol };
}

describe("messages between two accounts", () => {
  it("go from a phone to a linked device, encrypted: first pkmsg, after an answer msg", async (t) => {
    const { simulator, carol } = await threeAccounts(t);
    const client = await pairAndLogIn(simulator, ALICE);
    const encryptions: unknown[] = [];
    client.sock.ws.on("CB:message", (stanza: unknown) =>
      encryptions.push(/"type":"(pkmsg|msg)"/.exec(JSON.stringify(stanza))?.[1]),
    );
    const id = await carol.sendMessage(ALICE, { conversation: "hi" });
    const first = await client.nextMessage();
    assert.deepEqual(
      [first.key.id, first.key.remoteJid, first.key.remoteJidAlt, first.pushName],
      [id, carol.jid, carol.lid, "Carol"],
    );
    assert.equal(first.message?.conversation, "hi");

    await client.sock.sendMessage(carol.jid, { text: "hello" });
    const received = await carol.waitForMessage();
    assert.deepEqual(
      [received.message.extendedTextMessage?.text, received.from, received.chat, received.fromMe],
      ["hello", `${ALICE}:1@s.whatsapp.net`, simulator.account(ALICE).jid, false],
    );
    await carol.sendMessage(ALICE, { conversation: "how are you?" });
    assert.equal((await client.nextMessage()).message?.conversation, "how are you?");
    assert.deepEqual(encryptions, ["pkmsg", "msg"]);
    await client.end();
  });

  it("name the sender by LID, with the number beside it, where they are sent so", async (t) => {
    const { simulator, carol } = await threeAccounts(t);
    const client = await pairAndLogIn(simulator, ALICE);
    t.onTestFinished(client.end);
    for (const text of ["one", "two"]) {
      await carol.sendMessage(ALICE, { conversation: text }, "lid");
      const { key, message } = await client.nextMessage();
      assert.deepEqual(
        [key.remoteJid, key.remoteJidAlt, message?.conversation],
        [carol.lid, carol.jid, text],
      );
    }
  });

  it("go between two Baileys sockets, with a copy for each phone", async (t) => {
    const { simulator, alice, bob } = await threeAccounts(t);
    const a = await pairAndLogIn(simulator, ALICE);
    const b = await pairAndLogIn(simulator, BOB);
    await a.sock.sendMessage(bob.jid, { text: "hello bob" });
    assert.equal((await b.nextMessage()).message?.extendedTextMessage?.text, "hello bob");
    await b.sock.sendMessage(alice.jid, { text: "hello alice" });
    assert.equal((await a.nextMessage()).message?.extendedTextMessage?.text, "hello alice");
    assert.equal((await bob.waitForMessage()).message.extendedTextMessage?.text, "hello bob");
    const copy = await alice.waitForMessage(({ fromMe }) => fromMe);
    assert.deepEqual([copy.message.extendedTextMessage?.text, copy.chat], ["hello bob", bob.jid]);
    await Promise.all([a.end(), b.end()]);
  });

  it("reach the sender's other devices as their own", async (t) => {
    const { simulator, alice, bob } = await threeAccounts(t);
    const first = await pairAndLogIn(simulator, ALICE);
    const second = await pairAndLogIn(simulator, ALICE);
    const isOwn = ({ key }: { key: { fromMe?: boolean | null } }) => key.fromMe === true;
    await first.sock.sendMessage(bob.jid, { text: "from the first device" });
    const copy = await second.nextMessage(isOwn);
    assert.equal(copy.message?.extendedTextMessage?.text, "from the first device");
    assert.equal(copy.key.remoteJid, bob.jid);

    await alice.sendMessage(BOB, { conversation: "from the phone" });
    for (const client of [first, second]) {
      const own = await client.nextMessage((each) => isOwn(each) && Boolean(each.message?.conversation));
      assert.deepEqual([own.message?.conversation, own.key.remoteJid], ["from the phone", bob.jid]);
    }
    await Promise.all([first.end(), second.end()]);
  });

  it("work between LIDs", async (t) => {
    const { simulator, alice, carol } = await threeAccounts(t);
    const client = await pairAndLogIn(simulator, ALICE);
    await client.sock.sendMessage(carol.lid, { text: "by LID" });
    const { message } = await carol.waitForMessage();
    assert.equal(message.extendedTextMessage?.text, "by LID");
    const copy = await alice.waitForMessage(({ fromMe }) => fromMe);
    assert.equal(copy.chat, carol.lid);
    await client.end();
  });

  it("come from the LID where the device has its session by LID, also after a restart", async (t) => {
    const { simulator, alice, carol } = await threeAccounts(t);
    const client = await pairAndLogIn(simulator, ALICE);
    const second = await pairAndLogIn(simulator, ALICE);
    const envelopes: unknown[] = [];
    const note = (name: string) => (stanza: BinaryNode) => {
      const { from, sender_lid, sender_pn, recipient, recipient_pn } = stanza.attrs;
      envelopes.push([name, from, sender_lid ?? sender_pn, recipient, recipient_pn]);
    };
    client.sock.ws.on("CB:message", note("first"));
    second.sock.ws.on("CB:message", note("second"));
    await client.sock.sendMessage(carol.lid, { text: "by LID" });
    await carol.waitForMessage();
    await second.nextMessage(({ key }) => key.fromMe === true);
    // What is said in a group, where members have their numbers, changes nothing.
    await client.sock.sendMessage(GROUP, { text: "to the group" });
    await carol.waitForMessage(({ chat }) => chat === GROUP);
    await second.nextMessage(({ key }) => key.remoteJid === GROUP);
    envelopes.length = 0;
    await carol.sendMessage(ALICE, { conversation: "from my LID" });
    const [shown, other] = [await client.nextMessage(), await second.nextMessage()];
    assert.deepEqual(
      [shown.message?.conversation, shown.key.remoteJid, shown.key.remoteJidAlt],
      ["from my LID", carol.lid, carol.jid],
    );
    assert.equal(other.key.remoteJid, carol.jid);
    await alice.sendMessage(CAROL, { conversation: "from the phone" });
    const own = await client.nextMessage(({ message }) => message?.conversation === "from the phone");
    assert.deepEqual([own.key.fromMe, own.key.remoteJid], [true, carol.lid]);
    assert.deepEqual(
      envelopes.filter((each) => String(each).startsWith("first")),
      [
        ["first", carol.lid, carol.jid, undefined, undefined],
        ["first", alice.lid, alice.jid, carol.lid, carol.jid],
      ],
    );
    assert.deepEqual(envelopes.filter((each) => String(each).startsWith("second")).slice(0, 1), [
      ["second", carol.jid, carol.lid, undefined, undefined],
    ]);
    const gone = once(simulator.events, "disconnected");
    await client.end();
    await gone;
    await second.end();
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    await simulator.stop();
    const after = await withSimulator(t, { state });
    const again = connect(after, client.auth);
    await again.opened();
    await after.account(CAROL).sendMessage(ALICE, { conversation: "still from my LID" });
    assert.equal((await again.nextMessage()).key.remoteJid, carol.lid);
    await again.sock.sendMessage(carol.jid, { text: "by number" });
    await after.account(CAROL).waitForMessage();
    await after.account(CAROL).sendMessage(ALICE, { conversation: "from my number" });
    assert.equal((await again.nextMessage()).key.remoteJid, carol.jid);
    await again.end();
  });

  it("wait for a device that is away, in order", async (t) => {
    const { simulator, carol } = await threeAccounts(t);
    const client = await pairAndLogIn(simulator, ALICE);
    const gone = once(simulator.events, "disconnected");
    await client.end();
    await gone;
    for (const conversation of ["one", "two"]) await carol.sendMessage(ALICE, { conversation });
    const again = connect(simulator, client.auth);
    await again.opened();
    assert.equal((await again.nextMessage()).message?.conversation, "one");
    assert.equal((await again.nextMessage()).message?.conversation, "two");
    await again.end();
  });

  it("come again to a device that went away before it acknowledged them, and not to one that did", async (t) => {
    const { simulator, carol } = await threeAccounts(t);
    const first = await pairAndLogIn(simulator, ALICE);
    const receipt = new Promise((resolve) => {
      simulator.events.on("stanza", ({ stanza: { tag, attrs } }) => {
        if (tag === "receipt" && attrs.to?.startsWith(CAROL)) resolve(attrs.id);
      });
    });
    const id = await carol.sendMessage(ALICE, { conversation: "acknowledged" });
    assert.equal(await receipt, id);
    // From here on the device receives, and sends nothing any more.
    first.sock.ws.removeAllListeners("message");
    await carol.sendMessage(ALICE, { conversation: "not acknowledged" });
    await first.end();
    await carol.sendMessage(ALICE, { conversation: "while it was away" });
    const again = connect(simulator, first.auth);
    for (const expected of ["not acknowledged", "while it was away"])
      assert.equal((await again.nextMessage()).message?.conversation, expected);
    await again.end();
  });

  it("cannot be sent to an unknown account, or to a device that never logged in", async (t) => {
    const { simulator, alice, carol } = await threeAccounts(t);
    await assert.rejects(carol.sendMessage("5511000000000", { conversation: "?" }), /no account/);
    const pairing = connect(simulator);
    await alice.scanQr(await pairing.qr());
    await pairing.closed;
    await assert.rejects(carol.sendMessage(ALICE, { conversation: "?" }), /has not uploaded its pre-keys/);
  });
});

describe("messages in a group", () => {
  it("reach every phone and every other device with one sender key", async (t) => {
    const { simulator, alice, bob, carol } = await threeAccounts(t);
    const a = await pairAndLogIn(simulator, ALICE);
    const b = await pairAndLogIn(simulator, BOB);
    for (const text of ["first", "second"]) {
      await a.sock.sendMessage(GROUP, { text });
      const shown = await b.nextMessage();
      assert.deepEqual(
        [shown.message?.extendedTextMessage?.text, shown.key.remoteJid, shown.key.participant],
        [text, GROUP, alice.jid],
      );
      for (const phone of [bob, carol]) {
        const { message, encryption, chat } = await phone.waitForMessage();
        assert.deepEqual([message.extendedTextMessage?.text, encryption, chat], [text, "skmsg", GROUP]);
      }
    }
    await Promise.all([a.end(), b.end()]);
  });

  it("come from a phone too", async (t) => {
    const { simulator, bob, carol } = await threeAccounts(t);
    const a = await pairAndLogIn(simulator, ALICE);
    await carol.sendGroupMessage(GROUP, { conversation: "oi" });
    const shown = await a.nextMessage();
    assert.deepEqual([shown.message?.conversation, shown.key.participant], ["oi", carol.jid]);
    assert.equal((await bob.waitForMessage()).message.conversation, "oi");
    simulator.addAccount({ phone: "5511000000000" });
    const outsider = simulator.account("5511000000000");
    await assert.rejects(outsider.sendGroupMessage(GROUP, { conversation: "?" }), /is not in/);
    await a.end();
  });
});

describe("waiting for a message", () => {
  it("has an end", async (t) => {
    const { carol } = await threeAccounts(t);
    await assert.rejects(carol.waitForMessage(undefined, 20), { name: "WaitTimeout" });
  });

  it("leaves the messages that do not match to others", async (t) => {
    const { alice, bob, carol } = await threeAccounts(t);
    await alice.sendMessage(CAROL, { conversation: "from alice" });
    await bob.sendMessage(CAROL, { conversation: "from bob" });
    const fromBob = await carol.waitForMessage(({ from }) => from === bob.jid);
    assert.equal(fromBob.message.conversation, "from bob");
    assert.equal((await carol.waitForMessage()).message.conversation, "from alice");
    assert.equal(carol.inbox.length, 2);
  });
});
