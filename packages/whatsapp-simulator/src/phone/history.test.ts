import assert from "node:assert/strict";
import type { UserFacingSocketConfig } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import type { AccountDescription } from "../model/accounts/account-description.ts";
import type { SimulatorOptions } from "../simulator.ts";
import { connect, newAuth } from "../test-support/baileys-client.ts";
import { collectEvents } from "../test-support/collect-events.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;
const GROUP = "120363039000000000@g.us";

/** Pairs a client that wants history, and listens to its first login from the start. */
async function firstLogin(
  t: TestContext,
  description: Omit<AccountDescription, "phone"> = {},
  options: SimulatorOptions = {},
) {
  const simulator = await withSimulator(t, options);
  const own = simulator.addAccount({
    phone: OWN,
    contacts: [{ phone: ANA, fullName: "Ana Souza" }],
    ...description,
  });
  const ana = simulator.addAccount({ phone: ANA, lid: "900001", name: "aninha" });
  simulator.addGroup({ jid: GROUP, subject: "Vizinhos", participants: [ANA, OWN] });
  ana.givePrivacyToken(OWN, Buffer.from("a token of hers"));
  const config: Partial<UserFacingSocketConfig> = {
    shouldSyncHistoryMessage: () => true,
    options: { dispatcher: simulator.mediaDispatcher },
  };
  const pairing = connect(simulator, newAuth(), config);
  await own.scanQr(await pairing.qr());
  await pairing.closed;
  const client = connect(simulator, pairing.auth, config);
  t.onTestFinished(client.end);
  const histories = collectEvents(client.sock, "messaging-history.set");
  await client.opened();
  return { simulator, own, ana, client, config, histories };
}

describe("history", () => {
  for (const blobs of ["inline", "cdn"] as const)
    it(`brings a new device names, push names, LIDs and privacy tokens (${blobs})`, async (t) => {
      const { simulator, client, histories } = await firstLogin(t, {}, { blobs });
      const received = () => histories.all.flatMap((event) => event.contacts);
      await histories.until(() =>
        histories.all.some(({ progress }) => progress === 100) ? true : undefined,
      );
      assert.ok(
        received().some(
          ({ id, name, lid }) => id === ANA_JID && name === "Ana Souza" && lid === "900001@lid",
        ),
      );
      assert.ok(received().some(({ id, notify }) => id === ANA_JID && notify === "aninha"));
      assert.ok(received().some(({ id, name }) => id === GROUP && name === "Vizinhos"));
      const { lidMapping } = client.sock.signalRepository;
      assert.equal(await lidMapping.getPNForLID("900001@lid"), `${ANA}:0@s.whatsapp.net`);
      assert.equal(simulator.received.get("iq usync get/lid"), 0, "no client had to ask for it");
      const { "900001@lid": token } = await client.auth.keys.get("tctoken", ["900001@lid"]);
      assert.equal(String(token?.token), "a token of hers");
      const fetched = simulator.cdn.requests.get("blob");
      assert.ok(blobs === "cdn" ? fetched >= 3 : fetched === 0);
      assert.equal(client.auth.creds.accountSyncCounter, 1);
    });

  it("has the messages of the chats that are described, in parts", async (t) => {
    const phones = Array.from({ length: 150 }, (_, index) => String(5_521_900_000_000 + index));
    const { histories } = await firstLogin(t, {
      history: {
        chats: [
          { with: ANA, messages: [{ text: "oi" }, { text: "olá", fromMe: true, at: 1_700_000_060 }] },
          { with: GROUP, messages: [{ text: "bom dia" }] },
          ...phones.map((phone) => ({ with: phone })),
        ],
      },
    });
    const messages = () => histories.all.flatMap((event) => event.messages);
    await histories.until(() => (histories.all.some(({ progress }) => progress === 100) ? true : undefined));
    assert.deepEqual(
      messages()
        .map(({ key, message, messageTimestamp }) => [
          key.remoteJid,
          key.fromMe,
          message?.conversation,
          Number(messageTimestamp),
        ])
        .sort(),
      [
        [GROUP, false, "bom dia", 1_700_000_000],
        [ANA_JID, false, "oi", 1_700_000_000],
        [ANA_JID, true, "olá", 1_700_000_060],
      ],
    );
    assert.ok(
      histories.all.flatMap(({ chats }) => chats).some(({ id }) => id?.startsWith(phones[149] ?? "?")),
    );
  });

  it("names chats by LID, with the number beside it, when it is described so", async (t) => {
    const messages = [{ text: "oi" }];
    const { histories } = await firstLogin(t, {
      history: { by: "lid", chats: [{ with: ANA, messages }, { with: GROUP }] },
    });
    await histories.until(() => (histories.all.some(({ progress }) => progress === 100) ? true : undefined));
    const received = histories.all.flatMap(({ contacts }) => contacts);
    assert.ok(
      received.some(
        ({ id, phoneNumber, name }) => id === "900001@lid" && phoneNumber === ANA_JID && name === "Ana Souza",
      ),
    );
    assert.ok(
      received.every(({ id }) => id !== ANA_JID || received.some(({ notify }) => notify === "aninha")),
    );
    assert.deepEqual(
      histories.all.flatMap((event) => event.messages).map(({ key }) => key.remoteJid),
      ["900001@lid"],
    );
  });

  it("and the app-state key are held back one by one, and come when that is undone", async (t) => {
    const simulator = await withSimulator(t);
    const undoKey = simulator.faults.withholdAppStateKey();
    const undoHistory = simulator.faults.withholdHistory();
    const own = simulator.addAccount({ phone: OWN });
    simulator.addAccount({ phone: ANA });
    const pairing = connect(simulator, newAuth());
    await own.scanQr(await pairing.qr());
    await pairing.closed;
    const client = connect(simulator, pairing.auth);
    t.onTestFinished(client.end);
    const got: string[] = [];
    client.sock.ev.on("messages.upsert", ({ messages }) => {
      for (const { message } of messages) {
        if (message?.protocolMessage?.appStateSyncKeyShare) got.push("key");
        if (message?.protocolMessage?.historySyncNotification) got.push("history");
        if (message?.conversation) got.push(message.conversation);
      }
    });
    await client.opened();
    const said = async (text: string) => {
      await simulator.account(ANA).sendMessage(OWN, { conversation: text });
      await client.nextMessage(({ message }) => message?.conversation === text);
      return got.filter((each, index) => got.indexOf(each) === index);
    };
    assert.deepEqual(await said("nothing yet"), ["nothing yet"]);
    undoHistory();
    assert.deepEqual(await said("no key yet"), ["nothing yet", "history", "no key yet"]);
    undoKey();
    assert.deepEqual(await said("all"), ["nothing yet", "history", "no key yet", "key", "all"]);
    assert.equal(client.auth.creds.myAppStateKeyId !== undefined, true);
  });

  it("comes once for each device", async (t) => {
    const { simulator, client, config, histories } = await firstLogin(t);
    await histories.until((event) => event);
    await client.end();
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    await simulator.stop();
    const after = await withSimulator(t, { state });
    const account = after.addAccount({ phone: OWN });
    after.addAccount({ phone: ANA });
    const again = connect(after, client.auth, config);
    const none = collectEvents(again.sock, "messaging-history.set");
    await again.opened();
    await after.account(ANA).sendMessage(OWN, { conversation: "oi" });
    await again.nextMessage();
    assert.deepEqual([none.all.length, account.devices[0]?.preKeyCount], [0, 810]);
    await again.end();
  });

  it("does not come when the account is described without", async (t) => {
    const { simulator, own, ana, client, histories } = await firstLogin(t, { history: false });
    await client.sock.sendMessage(ana.jid, { text: "oi" });
    await ana.waitForMessage();
    assert.equal(histories.all.length, 0);
    assert.equal(simulator.received.get("receipt hist_sync"), 0);
    assert.equal(own.devices.length, 1);
  });
});
