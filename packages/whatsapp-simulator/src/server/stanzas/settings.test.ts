import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { ask, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

describe("the account's own settings", () => {
  it("are the blocklist and privacy that were described", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({
      phone: "5511999999999",
      blocked: ["5511888888888"],
      privacy: { last: "contacts", profile: "none" },
    });
    const { sock, end } = await pairAndLogIn(simulator, "5511999999999");
    assert.deepEqual(await sock.fetchBlocklist(), ["5511888888888@s.whatsapp.net"]);
    const privacy = await sock.fetchPrivacySettings(true);
    assert.deepEqual([privacy.last, privacy.profile, privacy.readreceipts], ["contacts", "none", "all"]);
    await end();
  });

  it("let the signed pre-key be rotated", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: "5511999999999" });
    const { sock, end } = await pairAndLogIn(simulator, "5511999999999");
    const before = simulator.snapshot().accounts[0]?.devices[0]?.signedPreKey?.id ?? 0;
    await sock.rotateSignedPreKey();
    assert.equal(simulator.snapshot().accounts[0]?.devices[0]?.signedPreKey?.id, before + 1);
    assert.equal(account.devices.length, 1);
    await end();
  });

  it("answer 501 to a query without a handler", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: "5511999999999" });
    const { sock, end } = await pairAndLogIn(simulator, "5511999999999");
    const attrs = { to: "@s.whatsapp.net", type: "get", xmlns: "w:unheard-of" };
    assert.deepEqual(await ask(sock, attrs, []), { code: 501 });
    await end();
  });
});

describe("groups", () => {
  it("are those that the account is in, each with its participants", async (t) => {
    const simulator = await withSimulator(t);
    const phones = ["5511999999999", "5511888888888"];
    for (const phone of phones) simulator.addAccount({ phone });
    simulator.addGroup({ jid: "120363000000000001@g.us", subject: "Nós", participants: phones });
    simulator.addGroup({ jid: "120363000000000002@g.us", subject: "Eles", participants: ["5511000000000"] });
    const { sock, end } = await pairAndLogIn(simulator, "5511999999999");
    const groups = await sock.groupFetchAllParticipating();
    assert.deepEqual(Object.keys(groups), ["120363000000000001@g.us"]);
    const { subject, owner, participants } = await sock.groupMetadata("120363000000000001@g.us");
    assert.deepEqual([subject, owner], ["Nós", "5511999999999@s.whatsapp.net"]);
    assert.deepEqual(
      participants.map(({ id, admin }) => [id, admin]),
      [
        ["5511999999999@s.whatsapp.net", "superadmin"],
        ["5511888888888@s.whatsapp.net", null],
      ],
    );
    await assert.rejects(sock.groupMetadata("120363000000000009@g.us"));
    await end();
  });
});
