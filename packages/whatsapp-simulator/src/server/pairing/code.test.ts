import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "vitest";
import { connect } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const PHONE = "5511999999999";

describe("pairing by code", () => {
  it("links the client that showed the code, which logs in after 515", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const requested = once(simulator.events, "pairingCodeRequested");
    const pairing = connect(simulator);
    await pairing.qr();
    const code = await pairing.sock.requestPairingCode(PHONE);
    const device = await account.enterPairingCode(code);
    assert.deepEqual(await requested, [{ phone: PHONE, display: "Chrome (Ubuntu)" }]);
    assert.equal((await pairing.closed).code, 515);
    assert.equal(pairing.auth.creds.registered, true);

    const client = connect(simulator, pairing.auth);
    await client.opened();
    assert.equal(client.sock.user?.id, device.jid);
    await client.end();
  });

  it("takes the code with a dash, in lower case, and before the client asked for it", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const entered = account.enterPairingCode("abcd-2345");
    const pairing = connect(simulator);
    await pairing.qr();
    await pairing.sock.requestPairingCode(PHONE, "ABCD2345");
    assert.equal((await entered).id, 1);
    await pairing.closed;
  });

  it("rejects a wrong code, and then still takes the right one", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const pairing = connect(simulator);
    await pairing.qr();
    const code = await pairing.sock.requestPairingCode(PHONE, "ABCD2345");
    await assert.rejects(account.enterPairingCode("ABCD2346"), {
      name: "PairingCodeRejected",
      message: "wrong pairing code",
    });
    assert.deepEqual(account.devices, []);
    await account.enterPairingCode(code);
    assert.equal((await pairing.closed).code, 515);
  });

  it("rejects what is no code at once", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    await assert.rejects(account.enterPairingCode("1234"), { name: "PairingCodeRejected" });
  });

  it("rejects the code when its client goes away", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    // The client gets primary_hello, but its answer is swallowed.
    simulator.faults.silence(({ content }) => JSON.stringify(content ?? "").includes("companion_finish"));
    const finished = new Promise<void>((resolve) =>
      simulator.events.on("stanza", ({ stanza }) => {
        if (JSON.stringify(stanza.content ?? "").includes("companion_finish")) resolve();
      }),
    );
    const pairing = connect(simulator);
    await pairing.qr();
    const code = await pairing.sock.requestPairingCode(PHONE);
    const entered = assert.rejects(account.enterPairingCode(code), { name: "PairingCodeRejected" });
    await finished;
    await Promise.all([pairing.end(), entered]);
  });

  it("takes no code that has expired, and notifies the client", async (t) => {
    const simulator = await withSimulator(t, { pairingCodeLifetimeMs: 2_000 });
    const account = simulator.addAccount({ phone: PHONE });
    const pairing = connect(simulator);
    const refreshed = once(pairing.sock.ws, "CB:notification,,link_code_companion_reg");
    await pairing.qr();
    await pairing.sock.requestPairingCode(PHONE, "ABCD2345");
    assert.partialDeepStrictEqual(await refreshed, [{ content: [{ attrs: { stage: "refresh_code" } }] }]);
    // There is nothing that the code could be for, until the client asks for another one.
    const entered = account.enterPairingCode("WXYZ6789");
    await pairing.sock.requestPairingCode(PHONE, "WXYZ6789");
    assert.equal((await entered).id, 1);
    assert.equal((await pairing.closed).code, 515);
  });

  it("hides a refused request from Baileys, as it never reads the answer", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    simulator.faults.answerError("iq md set/link_code_companion_reg", 429);
    let asked = false;
    simulator.events.on("pairingCodeRequested", () => {
      asked = true;
    });
    const pairing = connect(simulator);
    await pairing.qr();
    const arrived = once(simulator.events, "stanza");
    assert.equal((await pairing.sock.requestPairingCode(PHONE)).length, 8);
    await arrived;
    assert.equal(asked, false);
    await pairing.end();
  });

  it("refuses the login of a client that asked for a code and dropped before it was typed", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const pairing = connect(simulator);
    await pairing.qr();
    await pairing.sock.requestPairingCode(PHONE);
    await pairing.end();
    assert.equal((await connect(simulator, pairing.auth).closed).code, 401);
  });
});
