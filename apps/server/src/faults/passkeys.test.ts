import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { type Answer, assertRefused, at, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp asks for a passkey");
const owner = "5511900000000";
const other = "5511900000001";

describe("A pairing of an account that confirms new devices with a passkey", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "5000" });
    for (const phone of [owner, other]) world.simulator.addAccount({ phone });
  });
  afterEach(() => {
    world.simulator.faults.reset();
    for (const phone of [owner, other]) world.simulator.account(phone).unlink();
  });
  afterAll(() => world.stop());

  const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
  const qrStatus = async (device: string) => dataOf(await world.call(`/qr/status?device_id=${device}`));
  const qr = (device: string, more = "") => world.call(`/qr?device_id=${device}${more}`);
  const code = (device: string, more = "", number = owner) =>
    world.call(`/paircode?device_id=${device}${more}`, { method: "POST", body: { number } });
  const acknowledged = () =>
    nextEvent(
      world.simulator.events,
      "stanza",
      ({ stanza: { tag, attrs } }) => tag === "ack" && attrs.type === "passkey_prologue_request",
    );
  const requests = (device: string) =>
    [
      ["GET /qr", () => qr(device)],
      ["POST /paircode", () => code(device)],
    ] as const;

  /** Asserts which response callers get for a device that needs a passkey, however often they ask. */
  const assertSaid = async (device: string, note: (answer: Answer) => Answer) => {
    await until("the end of the pairing", async () => {
      const seen = await status(device);
      return { found: at(seen, "state") === "unpaired" ? seen : undefined, seen };
    });
    for (let turn = 0; turn < 2; turn += 1) {
      for (const [, ask] of requests(device)) assertRefused(note(await ask()), 409, "PASSKEY_REQUIRED");
      assert.partialDeepStrictEqual(await status(device), {
        state: "unpaired",
        paired: false,
        jid: null,
        last_disconnect: { reason: "passkey_required", code: null },
        passkey_required: true,
      });
      assert.deepEqual(await qrStatus(device), {
        device_id: device,
        exists: false,
        generated_at: null,
        expires_at: null,
        passkey_required: true,
      });
    }
  };

  for (const [what, arrange] of [
    [
      "behind the scan of a QR code",
      async (device: string) => {
        const shown = textAt(dataOf(await qr(device)), "qr_code");
        assert.equal(at(await qrStatus(device), "passkey_required"), false);
        return () => world.simulator.account(owner).scanQr(shown);
      },
    ],
    [
      "behind a pairing code",
      async (device: string) => {
        const shown = textAt(dataOf(await code(device)), "code");
        assert.equal(at(await status(device), "passkey_required"), false);
        return () => world.simulator.account(owner).enterPairingCode(shown);
      },
    ],
  ] as const)
    fault(what, async (_test, notes) => {
      const undo = world.simulator.faults.requirePasskey(owner);
      const device = await world.createDevice();
      const link = await arrange(device);
      const acks: unknown[] = [];
      const count = ({
        stanza: { tag, attrs },
      }: {
        stanza: { tag: string; attrs: Record<string, string> };
      }) => {
        if (tag === "ack" && attrs.type === "passkey_prologue_request") acks.push(attrs.class);
      };
      world.simulator.events.on("stanza", count);
      const ack = acknowledged();
      await assert.rejects(link(), { name: "PasskeyRequired" });
      await ack;
      await assertSaid(device, (answer) => notes.answer(answer));
      world.simulator.events.off("stanza", count);
      assert.deepEqual(acks, ["notification"]);
      // It stays so after a restart, until a caller tries again.
      await world.restartServer();
      await assertSaid(device, (answer) => notes.answer(answer));
      undo();
      const again = dataOf(notes.answer(await qr(device, "&refresh=true")));
      assert.equal(at(await status(device), "passkey_required"), false);
      assert.equal(at(await qrStatus(device), "exists"), true);
      await world.simulator.account(owner).scanQr(textAt(again, "qr_code"));
      const connected = notes.end(await world.untilState(device, "connected"), "paired with refresh=true");
      assert.equal(at(connected, "passkey_required"), false);
    });

  fault("behind a pairing code, and another account is tried", async (_test, notes) => {
    world.simulator.faults.requirePasskey(owner);
    const device = await world.createDevice();
    const shown = textAt(dataOf(notes.answer(await code(device))), "code");
    await assert.rejects(world.simulator.account(owner).enterPairingCode(shown), { name: "PasskeyRequired" });
    await assertSaid(device, (answer) => notes.answer(answer));
    const theirs = dataOf(notes.answer(await code(device, "&refresh=true", other)));
    await world.simulator.account(other).enterPairingCode(textAt(theirs, "code"));
    notes.end(await world.untilState(device, "connected"), "paired with refresh=true");
  });

  fault("which another sender than WhatsApp's server sends: it counts for nothing", async (_test, notes) => {
    const device = await world.createDevice();
    const shown = textAt(dataOf(notes.answer(await qr(device))), "qr_code");
    const ack = acknowledged();
    world.simulator.faults.sendStanzaToAll({
      tag: "notification",
      attrs: { from: `${other}@s.whatsapp.net`, type: "passkey_prologue_request", id: "1" },
    });
    await ack;
    assert.equal(at(await qrStatus(device), "exists"), true);
    assert.equal(at(await status(device), "passkey_required"), false);
    await world.simulator.account(owner).scanQr(shown);
    notes.end(await world.untilState(device, "connected"), "by the QR code");
  });

  fault("of a device that is paired: it counts for nothing", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    const ack = acknowledged();
    world.simulator.faults.sendStanza(owner, {
      tag: "notification",
      attrs: { from: "@s.whatsapp.net", type: "passkey_prologue_request", id: "1" },
    });
    await ack;
    const after = await status(device);
    assert.partialDeepStrictEqual(after, { state: "connected", passkey_required: false });
    notes.end(after, "all the time");
  });
});
