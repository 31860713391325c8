import assert from "node:assert/strict";
import { getBinaryNodeChild, getBinaryNodeChildren } from "@whiskeysockets/baileys";
import { describe, it } from "vitest";
import { ask, pairAndLogIn } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;

describe("a number whose LID changes", () => {
  it("is found under the new one, and no account under the old one", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: OWN });
    const ana = simulator.addAccount({ phone: ANA, lid: "900001" });
    const { sock, end } = await pairAndLogIn(simulator, OWN);
    t.onTestFinished(end);
    const answerFor = async (jid: string) => {
      const query = ["contact", "lid"].map((tag) => ({ tag, attrs: {} }));
      const list = [{ tag: "user", attrs: { jid } }];
      const answer = await ask(sock, { to: "@s.whatsapp.net", type: "get", xmlns: "usync" }, [
        {
          tag: "usync",
          attrs: { sid: "1", mode: "query", context: "interactive", index: "0", last: "true" },
          content: [
            { tag: "query", attrs: {}, content: query },
            { tag: "list", attrs: {}, content: list },
          ],
        },
      ]);
      assert.ok("tag" in answer);
      const users = getBinaryNodeChild(getBinaryNodeChild(answer, "usync"), "list");
      const [user] = getBinaryNodeChildren(users, "user");
      return [getBinaryNodeChild(user, "contact")?.attrs.type, getBinaryNodeChild(user, "lid")?.attrs.val];
    };
    assert.deepEqual(await answerFor(ANA_JID), ["in", "900001@lid"]);
    ana.changeLid("900002");
    assert.equal(ana.lid, "900002@lid");
    assert.deepEqual(await answerFor(ANA_JID), ["in", "900002@lid"]);
    assert.deepEqual(await answerFor("900002@lid"), ["in", "900002@lid"]);
    assert.deepEqual(await answerFor("900001@lid"), ["out", undefined]);
  });

  it("writes from there, with keys of its own, and has no devices any more", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: OWN });
    const ana = simulator.addAccount({ phone: ANA, lid: "900001" });
    const client = await pairAndLogIn(simulator, OWN);
    t.onTestFinished(client.end);
    const hers = await pairAndLogIn(simulator, ANA);
    t.onTestFinished(hers.end);
    await ana.sendMessage(OWN, { conversation: "one" });
    await client.nextMessage();
    ana.changeLid("900002");
    assert.equal((await hers.closed).code, 401);
    assert.deepEqual(ana.devices, []);
    await ana.sendMessage(OWN, { conversation: "two" });
    const { key, message } = await client.nextMessage();
    assert.deepEqual(
      [key.remoteJid, key.remoteJidAlt, message?.conversation],
      [ANA_JID, "900002@lid", "two"],
    );
  });

  it("cannot be that of another account", async (t) => {
    const simulator = await withSimulator(t);
    const ana = simulator.addAccount({ phone: ANA, lid: "900001" });
    simulator.addAccount({ phone: OWN, lid: "900002" });
    assert.throws(() => ana.changeLid("900002"), /LID 900002@lid already/);
    assert.equal(ana.lid, "900001@lid");
  });
});
