import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "vitest";
import { connect, pairAndLogIn } from "../test-support/baileys-client.ts";
import { withSimulator } from "../test-support/with-simulator.ts";
import type { CloseKind } from "./close-kinds.ts";

const PHONE = "5511999999999";

const CODES: readonly (readonly [CloseKind, number])[] = [
  ["restart-required", 515],
  ["service-unavailable", 503],
  ["replaced", 440],
  ["removed", 401],
  ["removed-without-code", 440],
  ["downgraded", 411],
  ["bad-session", 500],
  ["xmlstreamend", 428],
  ["tcp-drop", 428],
];

describe("the end of a connection, as Baileys reports it", () => {
  for (const [kind, code] of CODES)
    it(`${kind}: ${code}`, async (t) => {
      const simulator = await withSimulator(t);
      simulator.addAccount({ phone: PHONE });
      const client = await pairAndLogIn(simulator, PHONE);
      assert.equal(simulator.faults.close(PHONE, kind), 1);
      assert.equal((await client.closed).code, code);
      const again = connect(simulator, client.auth);
      if (kind.startsWith("removed")) {
        assert.deepEqual(simulator.account(PHONE).devices, []);
        assert.equal((await again.closed).code, 401, "the credentials are dead");
      } else {
        await again.opened();
        await again.end();
      }
    });

  it("timed-out: 408, once the keep-alive gives up", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    // rc14 adds 5 seconds to the interval before it gives up.
    const client = await pairAndLogIn(simulator, PHONE, {
      keepAliveIntervalMs: 500,
      defaultQueryTimeoutMs: 500,
    });
    simulator.faults.close(PHONE, "timed-out");
    assert.deepEqual(await client.closed, { code: 408, message: "Connection was lost" });
  });

  it("440 for the older of two connections of one device", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const older = await pairAndLogIn(simulator, PHONE);
    const newer = connect(simulator, older.auth);
    assert.equal((await older.closed).code, 440);
    await newer.opened();
    assert.equal(account.devices[0]?.connected, true);
    await newer.end();
  });

  it("401 when the phone unlinks the device", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    const unlinked = once(simulator.events, "unlinked");
    account.unlink();
    assert.equal((await client.closed).code, 401);
    assert.deepEqual(
      (await unlinked).map(({ phone, device }) => [phone, device.id, device.connected]),
      [[PHONE, 1, false]],
    );
  });

  it("401 after logout(), which unlinks the device", async (t) => {
    const simulator = await withSimulator(t);
    const account = simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    const events: string[] = [];
    simulator.events.on("logout", () => events.push("logout"));
    simulator.events.on("unlinked", () => events.push("unlinked"));
    await client.sock.logout();
    assert.equal((await client.closed).code, 401);
    assert.deepEqual(account.devices, []);
    assert.deepEqual(events, ["logout", "unlinked"]);
  });

  it("closes every connection at once, those that are pairing too", async (t) => {
    const simulator = await withSimulator(t);
    simulator.addAccount({ phone: PHONE });
    const client = await pairAndLogIn(simulator, PHONE);
    const pairing = connect(simulator);
    await pairing.qr();
    assert.equal(simulator.faults.closeAll("service-unavailable"), 2);
    assert.deepEqual([(await client.closed).code, (await pairing.closed).code], [503, 503]);
  });
});
