import assert from "node:assert/strict";
import { getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;
const ANA_LID = "900001@lid";

async function client(t: TestContext, blocked: string[] = []) {
  const simulator = await withSimulator(t);
  const own = simulator.addAccount({ phone: OWN, blocked });
  simulator.addAccount({ phone: ANA, lid: "900001" });
  const { sock, end } = await pairAndLogIn(simulator, OWN);
  t.onTestFinished(end);
  return { simulator, own, sock };
}

const send = (sock: WASocket, type: "get" | "set", item?: Record<string, string>) =>
  ask(sock, { to: "@s.whatsapp.net", type, xmlns: "blocklist" }, item ? [{ tag: "item", attrs: item }] : []);

describe("the block list", () => {
  it("is sent by LID, with the phone number beside it", async (t) => {
    const { sock } = await client(t, [ANA, "5511444444444"]);
    const answer = await send(sock, "get");
    assert.ok("tag" in answer);
    const list = getBinaryNodeChild(answer, "list");
    assert.deepEqual([list?.attrs.addressing_mode, list?.attrs.matched], ["lid", "false"]);
    assert.deepEqual(
      getBinaryNodeChildren(list, "item").map(({ attrs }) => ({ ...attrs })),
      [{ jid: ANA_LID, pn_jid: ANA_JID }, { jid: "5511444444444@s.whatsapp.net" }],
    );
    const known = await send(sock, "get", { dhash: list?.attrs.dhash ?? "" });
    assert.ok("tag" in known);
    const matched = getBinaryNodeChild(known, "list");
    assert.deepEqual([matched?.attrs.matched, matched?.content ?? []], ["true", []]);
  });

  it("is changed by a device, and sent to the others", async (t) => {
    const { simulator, own, sock } = await client(t);
    const other = await pairAndLogIn(simulator, OWN);
    const [here, there] = [
      collectEvents(sock, "blocklist.update"),
      collectEvents(other.sock, "blocklist.update"),
    ];
    for (const jid of [ANA_JID, ANA_LID]) {
      await sock.updateBlockStatus(jid, "block");
      assert.deepEqual([own.blocked, await sock.fetchBlocklist()], [[ANA], [ANA_LID]]);
      assert.deepEqual(await there.until((event) => event), { blocklist: [ANA_LID], type: "add" });
      await sock.updateBlockStatus(jid, "unblock");
      assert.deepEqual([own.blocked, await sock.fetchBlocklist()], [[], []]);
    }
    await there.until(() => (there.all.length === 4 ? true : undefined));
    assert.deepEqual(here.all, []);
    own.block(ANA);
    assert.deepEqual(await here.until((event) => event), { blocklist: [ANA_LID], type: "add" });
    own.unblock(ANA);
    own.unblock(ANA);
    await here.until(({ type }) => (type === "remove" ? true : undefined));
    await other.end();
  });

  it("takes the older form too, and refuses what cannot be", async (t) => {
    const { own, sock } = await client(t, ["5511444444444"]);
    assert.ok("tag" in (await send(sock, "set", { action: "block", jid: ANA_JID })));
    assert.ok("tag" in (await send(sock, "set", { action: "unblock", jid: "5511444444444@s.whatsapp.net" })));
    assert.deepEqual(own.blocked, [ANA]);
    assert.deepEqual(await send(sock, "set", { action: "mute", jid: ANA_LID }), { code: 400 });
    assert.deepEqual(await send(sock, "set", { action: "block", jid: `${OWN}@s.whatsapp.net` }), {
      code: 406,
    });
    assert.deepEqual(await send(sock, "set"), { code: 400 });
  });

  it("wants the number beside a LID that is blocked, or that it is not known", async (t) => {
    const { own, sock } = await client(t);
    const block = (item: Record<string, string>) => send(sock, "set", { action: "block", ...item });
    assert.deepEqual(await block({ jid: ANA_LID }), { code: 400 });
    assert.deepEqual(await block({ jid: ANA_LID, unknown_identifier: "false" }), { code: 400 });
    assert.deepEqual(own.blocked, []);
    for (const beside of [{ pn_jid: ANA_JID }, { unknown_identifier: "true" }]) {
      assert.ok("tag" in (await block({ jid: ANA_LID, ...beside })));
      assert.deepEqual(own.blocked, [ANA]);
      assert.ok("tag" in (await send(sock, "set", { action: "unblock", jid: ANA_LID })));
      assert.deepEqual(own.blocked, []);
    }
    assert.deepEqual(await block({ jid: "77@lid", unknown_identifier: "true" }), { code: 404 });
  });

  it("has an end", async (t) => {
    const phones = Array.from({ length: 1_000 }, (_, index) => String(5_521_900_000_000 + index));
    const { own, sock } = await client(t, phones);
    const item = { action: "block", jid: ANA_LID, pn_jid: ANA_JID };
    assert.deepEqual(await send(sock, "set", item), { code: 406 });
    assert.throws(() => own.block(ANA), /full/);
  });

  it("outlives a restart", async (t) => {
    const { simulator, own } = await client(t);
    own.block(ANA);
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    const after = await withSimulator(t, { state });
    assert.deepEqual(after.addAccount({ phone: OWN }).blocked, [ANA]);
  });
});
