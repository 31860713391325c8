import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp refuses the login");
const owner = "5511900000000";
const other = "5511900000001";
const ana = "5511999999999";

/** Whether a ban is over is looked at with each renewal of leases. */
const oftenRenewed = { WUTS_LEASE_MS: "6000" };

describe("A device whose login is refused", () => {
  let world: World;
  /** When logins of the device were refused, and when one was accepted, by `Date.now()`. */
  const logins: { readonly refused: number[]; readonly accepted: number[] } = { refused: [], accepted: [] };
  beforeAll(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "5000" });
    for (const phone of [owner, other]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    world.simulator.events.on("loginRefused", ({ phone }) => {
      if (phone === owner) logins.refused.push(Date.now());
    });
    world.simulator.events.on("login", ({ phone }) => {
      if (phone === owner) logins.accepted.push(Date.now());
    });
  });
  afterEach(async () => {
    world.simulator.faults.reset();
    for (const phone of [owner, other]) world.simulator.account(phone).unlink();
  });
  afterAll(() => world.stop());

  const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
  const look = (device: string) => world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
  const connect = (device: string) => world.call(`/connect?device_id=${device}`, { method: "POST" });
  /** Has the next login of a new device refused, after its connection was lost. @returns its id */
  const refused = async (code: number, attributes: Record<string, string> = {}) => {
    const device = await world.pairedDevice(owner);
    for (const times of [logins.refused, logins.accepted]) times.length = 0;
    world.simulator.faults.refuseLogin(code, owner, attributes);
    const refusal = nextEvent(world.simulator.events, "loginRefused");
    world.simulator.faults.close(owner, "tcp-drop");
    await refusal;
    return device;
  };
  /** Time for ten logins and more, at the pace of these tests: another phone is linked. */
  const meanwhile = async () => {
    await world.pairedDevice(other);
    world.simulator.account(other).unlink();
  };

  for (const code of [400, 413, 414, 415, 416, 417, 418, 499])
    fault(`with ${code}`, async (_test, notes) => {
      const device = await refused(code);
      await meanwhile();
      assert.partialDeepStrictEqual(
        { status: await status(device), logins: logins.refused.length },
        {
          status: {
            state: "disconnected",
            is_logged_in: true,
            last_disconnect: { reason: "login_refused", code },
            banned_until: null,
          },
          logins: 1,
        },
      );
      assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
      await world.restartServer();
      await meanwhile();
      assert.equal(logins.refused.length, 1, "logins after the server was started anew");
      const answer = notes.answer(await connect(device));
      assertRefused(answer, 502, "WHATSAPP_ERROR");
      assert.equal(textAt(answer.body, "error"), `WhatsApp ended the connection (login_refused, ${code})`);
      assert.equal(logins.refused.length, 2);
      world.simulator.faults.reset();
      dataOf(await connect(device));
      assert.equal(at(notes.end(await status(device), "after POST /connect"), "state"), "connected");
    });

  fault("with 409: what the client says of itself is not taken", async (_test, notes) => {
    const device = await refused(409);
    await meanwhile();
    assert.partialDeepStrictEqual(
      { status: await status(device), logins: logins.refused.length },
      {
        status: { state: "disconnected", last_disconnect: { reason: "client_outdated", code: 409 } },
        logins: 1,
      },
    );
    assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
    world.simulator.faults.reset();
    await world.restartServer();
    notes.end(await world.untilState(device, "connected"), "after a restart of the server");
  });

  for (const [code, attributes, reason] of [
    [406, {}, "banned"],
    [402, {}, "temporarily_banned"],
    [402, { code: "102", expire: "-1" }, "temporarily_banned"],
    [402, { code: "102", expire: "1795000000" }, "temporarily_banned"],
  ] as const)
    fault(`with ${code} ${JSON.stringify(attributes)}: banned without an end`, async (_test, notes) => {
      const device = await refused(code, attributes);
      await meanwhile();
      assert.partialDeepStrictEqual(
        { status: await status(device), logins: logins.refused.length },
        { status: { state: "banned", last_disconnect: { reason, code }, banned_until: null }, logins: 1 },
      );
      assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
      await world.restartServer();
      await meanwhile();
      assert.equal(logins.refused.length, 1, "logins after the server was started anew");
      assert.equal(at(await status(device), "state"), "banned");
      assertRefused(notes.answer(await connect(device)), 409, "ACCOUNT_BANNED");
      world.simulator.faults.reset();
      dataOf(await connect(device));
      assert.equal(at(notes.end(await status(device), "after POST /connect"), "state"), "connected");
    });

  fault("with 402: banned for some seconds, and the server is started anew", async (_test, notes) => {
    await world.restartServer(oftenRenewed);
    const seconds = 8;
    const device = await refused(402, { code: "101", expire: `${seconds}` });
    const [refusedAt = 0] = logins.refused;
    const banned = await world.untilState(device, "banned");
    assert.partialDeepStrictEqual(banned, {
      is_logged_in: true,
      last_disconnect: { reason: "temporarily_banned", code: 402 },
    });
    const bannedUntil = Date.parse(textAt(banned, "banned_until"));
    assert.ok(Math.abs(bannedUntil - refusedAt - seconds * 1000) < 1_000, textAt(banned, "banned_until"));
    for (const ask of [look, connect]) {
      const answer = notes.answer(await ask(device));
      if (ask === look) {
        assertRefused(answer, 503, "DEVICE_NOT_READY");
        assertRetryAfter(answer, 1, seconds);
      } else assertRefused(answer, 409, "ACCOUNT_BANNED");
      assert.match(textAt(answer.body, "error"), new RegExp(new Date(bannedUntil).toISOString()));
    }
    await world.restartServer(oftenRenewed);
    assert.partialDeepStrictEqual(await status(device), {
      state: "banned",
      banned_until: new Date(bannedUntil).toISOString(),
    });
    assertRefused(notes.answer(await connect(device)), 409, "ACCOUNT_BANNED");
    world.simulator.faults.reset();
    const back = await world.untilState(device, "connected");
    const [acceptedAt = 0] = logins.accepted;
    assert.ok(acceptedAt >= bannedUntil, `${bannedUntil - acceptedAt} ms before the end of the ban`);
    assert.deepEqual([logins.refused.length, logins.accepted.length], [1, 1]);
    assert.equal(at(notes.end(back, "by itself, when the ban is over"), "banned_until"), null);
  });

  fault("with 402, again each time that a ban is over", async (_test, notes) => {
    await world.restartServer({ ...oftenRenewed, WUTS_RECONNECT_MAX_MS: "2000" });
    const device = await refused(402, { expire: "1" });
    await until("three refusals", async () => {
      const seen = logins.refused.length;
      return { found: seen >= 3 ? seen : undefined, seen };
    });
    const [first = 0, second = 0, third = 0] = logins.refused;
    // Never more often than WhatsApp that cannot be reached is asked.
    for (const gap of [second - first, third - second]) assert.ok(gap >= 2_000, `${gap} ms`);
    notes.answer(await look(device));
    world.simulator.faults.reset();
    notes.end(await world.untilState(device, "connected"), "by itself, when the ban is over");
  });
});
