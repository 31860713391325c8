import assert from "node:assert/strict";
import { once } from "node:events";
import type { BinaryNode } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { connect, newAuth, pairAndLogIn, queryPicture } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const PHONE = "5511999999999";

describe("login", () => {
  it("lets a linked device in again with the same credentials", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const first = await pairAndLogIn(simulator, PHONE);
    await first.end();
    simulator.received.reset();
    const again = connect(simulator, first.auth);
    const login = once(simulator.events, "login");
    await again.opened();
    assert.deepEqual(
      (await login).map(({ phone, device }) => [phone, device.id]),
      [[PHONE, 1]],
    );
    assert.equal(await again.until((update) => update.receivedPendingNotifications || undefined), true);
    assert.equal(simulator.received.get("iq encrypt set/list"), 0, "there are pre-keys enough");
    await again.end();
  });

  it("refuses a device that is not linked, or shows another key, with 401", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const unknown = newAuth();
    unknown.creds.me = { id: `${PHONE}:7@s.whatsapp.net` };
    assert.equal((await connect(simulator, unknown).closed).code, 401);

    await (await pairAndLogIn(simulator, PHONE)).end();
    const impostor = newAuth();
    impostor.creds.me = { id: `${PHONE}:1@s.whatsapp.net` };
    assert.equal((await connect(simulator, impostor).closed).code, 401);
  });

  for (const reason of [401, 403, 405, 503])
    it(`refuses with ${reason} when a fault says so, the named account only, until it is undone`, async (t) => {
      const simulator = await withSimulator(t);
      simulator.addAccount({ phone: PHONE });
      const { auth, end } = await pairAndLogIn(simulator, PHONE);
      await end();
      simulator.faults.refuseLogin(reason, "5511000000000");
      const undo = simulator.faults.refuseLogin(reason, PHONE);
      const refused = once(simulator.events, "loginRefused");
      assert.equal((await connect(simulator, auth).closed).code, reason);
      assert.deepEqual(await refused, [{ phone: PHONE, reason }]);
      undo();
      const client = connect(simulator, auth);
      await client.opened();
      await client.end();
    });

  it("sends the attributes of a refusal, as until when an account is banned", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const { auth, end } = await pairAndLogIn(simulator, PHONE);
    await end();
    simulator.faults.refuseLogin(402, PHONE, { code: "101", expire: "3600" });
    const client = connect(simulator, auth);
    const failure = once(client.sock.ws, "CB:failure");
    assert.equal((await client.closed).code, 402);
    assert.partialDeepStrictEqual(await failure, [{ attrs: { reason: "402", code: "101", expire: "3600" } }]);
  });

  it("withholds what waited for a device until nothing asks for it any more", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const { auth, end } = await pairAndLogIn(simulator, PHONE);
    await end();
    account.setPicture({ id: "1" });
    const [undo, undoToo] = [simulator.faults.withholdOffline(), simulator.faults.withholdOffline()];
    const logIn = async () => {
      const client = connect(simulator, auth);
      const received: unknown[] = [];
      client.sock.ws.on("CB:notification", ({ attrs }: BinaryNode) => received.push(attrs.type));
      client.sock.ws.on("CB:ib,,offline", () => received.push("offline"));
      await client.opened();
      return { ...client, received };
    };
    await (await logIn()).end();
    const client = await logIn();
    undo();
    // An answer comes behind what was sent before it.
    await client.sock.fetchBlocklist();
    assert.deepEqual(client.received, []);
    undoToo();
    await client.sock.fetchBlocklist();
    assert.deepEqual(client.received, ["picture", "offline"]);
    await client.end();
  });

  it("gives routing info, which the client brings along the next time", async (t) => {
    const simulator = await withSimulator(t, { edgeRouting: true });
    simulator.addAccount({ phone: PHONE });
    const { auth, end } = await pairAndLogIn(simulator, PHONE);
    assert.deepEqual(auth.creds.routingInfo, Buffer.from([8, 8, 8, 5]));
    await end();
    const client = connect(simulator, auth);
    await client.opened();
    await client.end();
  });
});

describe("snapshot", () => {
  it("lets a restarted simulator know the devices that were linked", async (t) => {
    const before = await withSimulator(t);
    before.addAccount({ phone: PHONE, lid: "900001" });
    const { auth, end } = await pairAndLogIn(before, PHONE);
    await end();
    const saved = JSON.stringify(before.snapshot());
    await before.stop();

    const after = await withSimulator(t, { state: JSON.parse(saved) });
    const account = after.addAccount({ phone: PHONE, picture: { id: "1700000000" } });
    assert.equal(account.lid, "900001@lid");
    assert.deepEqual(
      account.devices.map(({ id, preKeyCount }) => [id, preKeyCount]),
      [[1, 811]],
    );
    const client = connect(after, auth);
    await client.opened();
    assert.equal(after.received.get("iq encrypt set/list"), 0, "the pre-keys are still there");
    const answer = await queryPicture(client.sock, `${PHONE}@s.whatsapp.net`);
    assert.ok("tag" in answer);
    await client.end();
  });

  it("keeps the phone's sessions and what waits for a device that is away", async (t) => {
    const before = await withSimulator(t);
    before.addAccount({ phone: PHONE });
    before.addAccount({ phone: "5511888888888" });
    const first = await pairAndLogIn(before, PHONE);
    await before.account("5511888888888").sendMessage(PHONE, { conversation: "one" });
    assert.equal((await first.nextMessage()).message?.conversation, "one");
    await first.sock.sendMessage("5511888888888@s.whatsapp.net", { text: "two" });
    await before.account("5511888888888").waitForMessage();
    const gone = once(before.events, "disconnected");
    await first.end();
    await gone;
    await before.account("5511888888888").sendMessage(PHONE, { conversation: "three" });
    const state = before.snapshot();
    await before.stop();

    const after = await withSimulator(t, { state });
    const again = connect(after, first.auth);
    await again.opened();
    assert.equal((await again.nextMessage()).message?.conversation, "three");
    await again.sock.sendMessage("5511888888888@s.whatsapp.net", { text: "four" });
    const { message } = await after.account("5511888888888").waitForMessage();
    assert.equal(message.extendedTextMessage?.text, "four");
    await after.account("5511888888888").sendMessage(PHONE, { conversation: "five" });
    assert.equal((await again.nextMessage()).message?.conversation, "five");
    await again.end();
  });

  it("refuses a state that is none, and says where", async (t) => {
    const broken = JSON.parse('{"version":1,"accounts":[{"phone":5511999999999}]}');
    await assert.rejects(withSimulator(t, { state: broken }), {
      message: /accounts\[0\]\.phone is not text/,
    });
  });

  it("refuses a description with another LID than the restored account has", async (t) => {
    const before = await withSimulator(t);
    before.addAccount({ phone: PHONE, lid: "900001" });
    const after = await withSimulator(t, { state: before.snapshot() });
    assert.throws(() => after.addAccount({ phone: PHONE, lid: "900002" }), /the LID of/);
  });
});
