import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { connect, newAuth, pairAndLogIn } from "../../test-support/baileys-client.ts";
import { withSimulator } from "../../test-support/with-simulator.ts";

const PHONE = "5511999999999";

describe("pairing by QR code", () => {
  it("links an unmodified Baileys socket, which logs in after 515", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const paired: number[] = [];
    simulator.events.on("paired", ({ device }) => paired.push(device.id));

    const pairing = connect(simulator);
    const device = await account.scanQr(await pairing.qr());
    assert.deepEqual([device.id, device.jid, device.connected], [1, `${PHONE}:1@s.whatsapp.net`, false]);
    assert.equal(await pairing.until(({ isNewLogin }) => isNewLogin), true);
    assert.equal((await pairing.closed).code, 515);
    assert.deepEqual(paired, [1]);

    const client = connect(simulator, pairing.auth);
    await client.opened();
    assert.equal(device.connected, true);
    assert.equal(device.preKeyCount, 811, "the phone has taken one to write to the device");
    assert.equal(client.sock.user?.id, device.jid);
    assert.equal(client.sock.user?.lid, device.lid);
    await client.end();
  });

  it("gives every device of an account an id of its own, also after one was unlinked", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const first = await pairAndLogIn(simulator, PHONE);
    const second = await pairAndLogIn(simulator, PHONE);
    account.unlink(first.device.id);
    const third = await pairAndLogIn(simulator, PHONE);
    assert.deepEqual(
      account.devices.map(({ id }) => id),
      [second.device.id, third.device.id],
    );
    assert.deepEqual([second.device.id, third.device.id], [2, 3]);
    await Promise.all([second.end(), third.end()]);
  });

  it("sends a business account's name to the device", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE, businessName: "Padaria do Zé" });
    const client = await pairAndLogIn(simulator, PHONE);
    assert.equal(client.auth.creds.me?.name, "Padaria do Zé");
    assert.equal(client.auth.creds.platform, "smba");
    await client.end();
  });

  it("offers as many QR codes as it has refs, then the client gives up with 408", async (t) => {
    const simulator = await withSimulator(t, { qrRefs: 2 });
    const client = connect(simulator, newAuth(), { qrTimeout: 20 });
    const codes = new Set<string>();
    client.sock.ev.on("connection.update", ({ qr }) => qr && codes.add(qr));
    assert.deepEqual(await client.closed, { code: 408, message: "QR refs attempts ended" });
    assert.equal(codes.size, 2);
  });

  it("rejects a code whose client has gone as expired", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const client = connect(simulator);
    const qr = await client.qr();
    const gone = new Promise((resolve) => simulator.events.once("disconnected", resolve));
    await client.end();
    await gone;
    await assert.rejects(account.scanQr(qr), { name: "QrCodeRejected", message: "this QR code has expired" });
  });

  it("rejects a code that another simulator shows as unknown", async (t) => {
    const simulator = await withSimulator(t);
    const other = await withSimulator(t);
    const account = other.addAccount({ phone: PHONE });
    const client = connect(simulator);
    const qr = await client.qr();
    await assert.rejects(account.scanQr(qr), { name: "QrCodeRejected", message: "unknown QR code" });
    await client.end();
  });

  it("rejects a code whose keys are not its client's", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const client = connect(simulator);
    const [ref, ...keys] = (await client.qr()).split(",");
    const [noise, identity, ...others] = keys;
    const swapped = [ref, identity, noise, ...others].join(",");
    await assert.rejects(account.scanQr(swapped), { name: "QrCodeRejected" });
    await client.end();
  });

  it("rejects a text that is no QR code of WhatsApp's", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    await assert.rejects(account.scanQr("https://example.com/"), { name: "QrCodeRejected" });
  });

  it("refuses clients that want to be paired when a fault says so", async (t) => {
    const simulator = await withSimulator(t);
    simulator.faults.refusePairing(405);
    assert.equal((await connect(simulator).closed).code, 405);
  });

  it("offers no QR code while a fault withholds them", async (t) => {
    const simulator = await withSimulator(t);
    const undo = simulator.faults.withholdQrCodes();
    const client = connect(simulator, newAuth(), { keepAliveIntervalMs: 20 });
    let offered = false;
    client.sock.ev.on("connection.update", ({ qr }) => {
      offered ||= qr !== undefined;
    });
    // What the server sends comes in order: an offer would have come before the answer to the first ping.
    await new Promise((resolve) => client.sock.ws.once("CB:iq,type:result", resolve));
    assert.equal(offered, false);
    await client.end();
    undo();
    const next = connect(simulator);
    assert.match(await next.qr(), /^https/);
    await next.end();
  });
});
