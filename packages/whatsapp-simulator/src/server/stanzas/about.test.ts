import assert from "node:assert/strict";
import { getBinaryNodeChild } from "@whiskeysockets/baileys";
import { describe, it, type TestContext } from "vitest";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { collectEvents } from "../../test-support/collect-events.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const OWN = "5511000000000";
const ANA = "5511999999999";
const ANA_JID = `${ANA}@s.whatsapp.net`;

async function loggedIn(t: TestContext) {
  const simulator = await withSimulator(t);
  simulator.addAccount({ phone: OWN });
  const { sock, end } = await pairAndLogIn(simulator, OWN);
  t.onTestFinished(end);
  return { simulator, sock };
}

describe("the about text", () => {
  it("is changed by a device, and sent to accounts that have them among their contacts", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    const ana = simulator.addAccount({ phone: ANA, contacts: [{ phone: OWN, fullName: "Own" }] });
    const friend = await pairAndLogIn(simulator, ANA);
    const notified = new Promise<string>((resolve) =>
      friend.sock.ws.on("CB:notification,type:status", (stanza) =>
        resolve(String(getBinaryNodeChild(stanza, "set")?.content)),
      ),
    );
    await sock.updateProfileStatus("Em reunião");
    assert.equal(await notified, "Em reunião");
    assert.equal(simulator.account(OWN).about, "Em reunião");
    const [answer] = (await friend.sock.fetchStatus(`${OWN}@s.whatsapp.net`)) ?? [];
    assert.ok(typeof answer?.status === "object" && answer.status !== null);
    const { status, setAt } = Object.fromEntries(Object.entries(answer.status));
    assert.equal(status, "Em reunião");
    assert.ok(setAt instanceof Date && Math.abs(setAt.getTime() - Date.now()) < 10_000);
    await sock.updateProfileStatus("");
    assert.equal(simulator.account(OWN).about, "");
    ana.setAbout("Oi");
    assert.equal(ana.about, "Oi");
    await friend.end();
  });

  it("is refused when it is longer than the apps allow", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    await sock.updateProfileStatus("é".repeat(139));
    await assert.rejects(sock.updateProfileStatus("é".repeat(140)));
    assert.equal(simulator.account(OWN).about, "é".repeat(139));
    const attrs = { to: "@s.whatsapp.net", type: "get", xmlns: "status" };
    assert.deepEqual(await ask(sock, attrs, []), { code: 400 });
  });

  it("outlives a restart", async (t) => {
    const before = await withSimulator(t);
    before.addAccount({ phone: OWN, about: "described" }).setAbout("changed");
    const state = JSON.parse(JSON.stringify(before.snapshot()));
    const after = await withSimulator(t, { state });
    assert.equal(after.addAccount({ phone: OWN, about: "described again" }).about, "changed");
  });
});

describe("a business", () => {
  it("has a profile, which others do not have", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    simulator.addAccount({ phone: "5511888888888" });
    simulator.addAccount({
      phone: ANA,
      businessName: "Padaria da Ana",
      business: {
        description: "Pão quente",
        address: "Rua A, 1",
        email: "ana@example.com",
        websites: ["https://example.com"],
        category: "Bakery",
        hours: {
          timezone: "America/Sao_Paulo",
          days: [
            { day: "mon", mode: "specific_hours", open: 420, close: 1140 },
            { day: "sun", mode: "open_24h" },
          ],
        },
      },
    });
    const profile = await sock.getBusinessProfile(ANA_JID);
    assert.deepEqual(JSON.parse(JSON.stringify(profile)), {
      wid: ANA_JID,
      address: "Rua A, 1",
      description: "Pão quente",
      website: ["https://example.com"],
      email: "ana@example.com",
      category: "Bakery",
      business_hours: {
        timezone: "America/Sao_Paulo",
        business_config: [
          { day_of_week: "mon", mode: "specific_hours", open_time: "420", close_time: "1140" },
          { day_of_week: "sun", mode: "open_24h" },
        ],
      },
    });
    assert.equal(await sock.getBusinessProfile("5511888888888@s.whatsapp.net"), undefined);
    assert.equal(await sock.getBusinessProfile("5511444444444@s.whatsapp.net"), undefined);
    simulator.faults.answerError("iq w:biz get/business_profile", 429);
    await assert.rejects(sock.getBusinessProfile(ANA_JID), /rate-overlimit/);
  });

  it("is named in its messages, from the phone and from a device", async (t) => {
    const { simulator, sock } = await loggedIn(t);
    const ana = simulator.addAccount({ phone: ANA, businessName: "Padaria da Ana" });
    const contacts = collectEvents(sock, "contacts.update");
    const named = () => contacts.all.flat().filter(({ verifiedName }) => verifiedName === "Padaria da Ana");
    await ana.sendMessage(OWN, { conversation: "oi" });
    await contacts.until(() => (named().length === 1 ? true : undefined));
    const device = await pairAndLogIn(simulator, ANA);
    await device.sock.sendMessage(`${OWN}@s.whatsapp.net`, { text: "oi" });
    await contacts.until(() => (named().length === 2 ? true : undefined));
    assert.deepEqual(new Set(named().map(({ id }) => id)).size, 1);
    await device.end();
  });
});
