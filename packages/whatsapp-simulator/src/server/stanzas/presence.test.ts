import assert from "node:assert/strict";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { type Client, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;

/** The push name in each presence that a client receives. */
function namesIn({ sock }: Client): string[] {
  const names: string[] = [];
  sock.ws.on("CB:presence", ({ attrs }: BinaryNode) => names.push(attrs.notify ?? ""));
  return names;
}

async function two(t: TestContext) {
  const simulator = await withSimulator(t);
  const own = simulator.addAccount({ phone: OWN });
  const ana = simulator.addAccount({ phone: ANA, name: "Ana" });
  const client = await pairAndLogIn(simulator, OWN);
  const hers = await pairAndLogIn(simulator, ANA);
  t.onTestFinished(client.end);
  t.onTestFinished(hers.end);
  return { simulator, own, ana, client, hers };
}

describe("presence", () => {
  it("is sent to subscribers, with the push name, as it changes", async (t) => {
    const { client, hers } = await two(t);
    const presences = collectEvents(client.sock, "presence.update");
    const names = namesIn(client);
    const last = () => presences.all.at(-1)?.presences[ANA_JID]?.lastKnownPresence;
    const until = (times: number) =>
      presences.until(() => (presences.all.length === times ? true : undefined));
    await client.sock.presenceSubscribe(ANA_JID);
    await until(1);
    assert.equal(last(), "unavailable");
    hers.auth.creds.me = { ...hers.auth.creds.me, id: hers.device.jid, name: "Ana" };
    await hers.sock.sendPresenceUpdate("available");
    await until(2);
    assert.equal(last(), "available");
    await hers.end();
    await until(3);
    assert.deepEqual([last(), names], ["unavailable", ["Ana", "Ana", "Ana"]]);
  });

  it("is not sent to a blocked account", async (t) => {
    const { ana, client } = await two(t);
    const names = namesIn(client);
    ana.block(OWN);
    await client.sock.presenceSubscribe(ANA_JID);
    await client.sock.fetchBlocklist();
    assert.deepEqual(names, []);
  });
});

describe("a push name", () => {
  it("that is changed on the phone reaches its devices, subscribers, and with a message every device", async (t) => {
    const { simulator, ana, client, hers } = await two(t);
    await collectEvents(hers.sock, "creds.update").until(() => hers.auth.creds.myAppStateKeyId);
    const names = namesIn(client);
    await client.sock.presenceSubscribe(ANA_JID);
    await collectEvents(client.sock, "presence.update").until((event) => event);
    const own = collectEvents(hers.sock, "creds.update");
    ana.setName("Ana Souza");
    await own.until(({ me }) => (me?.name === "Ana Souza" ? true : undefined));
    assert.deepEqual(names, ["Ana", "Ana Souza"]);
    await ana.sendMessage(OWN, { conversation: "oi" });
    assert.equal((await client.nextMessage()).pushName, "Ana Souza");
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    const after = await withSimulator(t, { state });
    assert.equal(after.addAccount({ phone: ANA, name: "Ana" }).name, "Ana Souza");
  });

  it("that a device changes is the account's, and its phone's", async (t) => {
    const { ana, client, hers } = await two(t);
    if (!hers.auth.creds.myAppStateKeyId)
      await collectEvents(hers.sock, "creds.update").until(({ myAppStateKeyId }) => myAppStateKeyId);
    await hers.sock.updateProfileName("Aninha");
    assert.equal(ana.name, "Aninha");
    await hers.sock.sendMessage(`${OWN}@s.whatsapp.net`, { text: "oi" });
    assert.equal((await client.nextMessage()).pushName, "Aninha");
  });
});
