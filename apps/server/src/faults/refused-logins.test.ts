import assert from "node:assert/strict";
import { afterAll, beforeAll, describe } from "vitest";
import { type Answer, assertRefused, assertRetryAfter, at, dataOf, textAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { StanzaMeter } from "../test-support/faults/stanza-meter.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { type Settings, startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp refuses the login");
const other = "5511900000001";
const ana = "5511999999999";

/** Whether a ban is over is looked at with each renewal of leases. */
const oftenRenewed = { WUTS_LEASE_MS: "6000" };

/** Bounds failure only: all devices are paired before any test, on a machine that has other work, too. */
const arrangementMs = 360_000;

interface Refusal {
  readonly code: Parameters<World["simulator"]["faults"]["refuseLogin"]>[0];
  readonly attributes?: Record<string, string>;
}

/** A device whose login was refused when its connection was lost, and will be again. */
interface RefusedDevice {
  readonly id: string;
  readonly phone: string;
  /** When its logins were refused, and accepted, since its connection was lost, by `Date.now()`. */
  readonly logins: { readonly refused: number[]; readonly accepted: number[] };
  /** Lets it log in. */
  readonly accept: () => void;
}

/** @param phone of the device, which is a new one @returns when its login was refused */
async function refusedDevice(
  { simulator, ...world }: Pick<World, "simulator" | "pairedDevice">,
  phone: string,
  { code, attributes = {} }: Refusal,
): Promise<RefusedDevice> {
  simulator.addAccount({ phone });
  const id = await world.pairedDevice(phone);
  const logins: RefusedDevice["logins"] = { refused: [], accepted: [] };
  simulator.events.on("loginRefused", (event) => {
    if (event.phone === phone) logins.refused.push(Date.now());
  });
  simulator.events.on("login", (event) => {
    if (event.phone === phone) logins.accepted.push(Date.now());
  });
  const accept = simulator.faults.refuseLogin(code, phone, attributes);
  const refusal = nextEvent(simulator.events, "loginRefused", (event) => event.phone === phone);
  simulator.faults.close(phone, "tcp-drop");
  await refusal;
  return { id, phone, logins, accept };
}

async function startRefusingWorld(settings: Settings): Promise<World> {
  const world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "5000", ...settings });
  world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
  return world;
}

const asked = (world: World, { id }: RefusedDevice) => ({
  status: async () => dataOf(await world.call(`/status?device_id=${id}`)),
  look: () => world.call(`/contacts/profile-picture?number=${ana}&device_id=${id}`),
  connect: () => world.call(`/connect?device_id=${id}`, { method: "POST" }),
});

/** All of them at the same time, each of a device of its own: they go through the same, and most of it is waiting. */
describe("A device whose login is refused until it is connected by a request", () => {
  const refusedForGood: readonly Refusal[] = [400, 413, 414, 415, 416, 417, 418, 499].map((code) => ({
    code,
  }));
  const outdated: Refusal = { code: 409 };
  const banned = [
    { code: 406, attributes: {}, reason: "banned" },
    { code: 402, attributes: {}, reason: "temporarily_banned" },
    { code: 402, attributes: { code: "102", expire: "-1" }, reason: "temporarily_banned" },
    { code: 402, attributes: { code: "102", expire: "1795000000" }, reason: "temporarily_banned" },
  ] as const satisfies readonly (Refusal & { readonly reason: string })[];

  interface Seen {
    readonly device: RefusedDevice;
    /** Before the server was restarted. */
    readonly before: { readonly status: unknown; readonly logins: number };
    readonly look: Answer;
    /** Afterwards. */
    readonly loginsAfter: number;
    readonly statusAfter: unknown;
    /** How many stanzas it has sent until then. */
    readonly stanzas: number;
  }
  let world: World;
  let meter: StanzaMeter;
  const seen = new Map<Refusal, Seen>();

  /** Time for ten logins and more, at the pace of these tests: another phone is linked. */
  const meanwhile = async () => {
    await world.pairedDevice(other);
    world.simulator.account(other).unlink();
  };

  beforeAll(async () => {
    world = await startRefusingWorld({});
    meter = new StanzaMeter(world.simulator);
    world.simulator.addAccount({ phone: other });
    const devices: [Refusal, RefusedDevice][] = [];
    for (const [index, refusal] of [...refusedForGood, outdated, ...banned].entries())
      devices.push([refusal, await refusedDevice(world, `${5_511_900_000_100 + index}`, refusal)]);
    await meanwhile();
    const before = new Map<Refusal, Pick<Seen, "before" | "look">>();
    for (const [refusal, device] of devices) {
      const { status, look } = asked(world, device);
      const found = { status: await status(), logins: device.logins.refused.length };
      before.set(refusal, { before: found, look: await look() });
      // Of a client that is too old, the next one may be taken.
      if (refusal === outdated) device.accept();
    }
    await world.restartServer();
    await meanwhile();
    for (const [refusal, device] of devices) {
      const found = before.get(refusal);
      assert.ok(found);
      seen.set(refusal, {
        device,
        ...found,
        loginsAfter: device.logins.refused.length,
        statusAfter: await asked(world, device).status(),
        stanzas: meter.most(device.phone),
      });
    }
  }, arrangementMs);
  afterAll(async () => {
    meter.end();
    await world.stop();
  });

  /** Counts what the device has sent before the test, too. */
  const faultOf = (
    refusal: Refusal,
    what: string,
    survive: (found: Seen, notes: FaultNotes) => Promise<void>,
  ) =>
    fault(what, async (_test, notes) => {
      const found = seen.get(refusal);
      assert.ok(found, "it was arranged");
      await survive(found, notes);
      notes.stanzas = found.stanzas + meter.most(found.device.phone);
    });

  for (const refusal of refusedForGood)
    faultOf(refusal, `with ${refusal.code}`, async ({ device, before, look, loginsAfter }, notes) => {
      const { code } = refusal;
      assert.partialDeepStrictEqual(before, {
        status: {
          state: "disconnected",
          paired: true,
          last_disconnect: { reason: "login_refused", code },
          banned_until: null,
        },
        logins: 1,
      });
      assertRefused(notes.answer(look), 503, "DEVICE_NOT_READY");
      assert.equal(loginsAfter, 1, "logins after the server was restarted");
      const { connect, status } = asked(world, device);
      const answer = notes.answer(await connect());
      assertRefused(answer, 502, "WHATSAPP_ERROR");
      assert.equal(textAt(answer.body, "error"), `WhatsApp ended the connection (login_refused, ${code})`);
      assert.equal(device.logins.refused.length, 2);
      device.accept();
      dataOf(await connect());
      assert.equal(at(notes.end(await status(), "after POST /connect"), "state"), "connected");
    });

  faultOf(outdated, "with 409: what the client says of itself is not taken", async (found, notes) => {
    const { device, before, look } = found;
    assert.partialDeepStrictEqual(before, {
      status: { state: "disconnected", last_disconnect: { reason: "client_outdated", code: 409 } },
      logins: 1,
    });
    assertRefused(notes.answer(look), 503, "DEVICE_NOT_READY");
    notes.end(await world.untilState(device.id, "connected"), "after a restart of the server");
  });

  for (const refusal of banned) {
    const { code, attributes, reason } = refusal;
    const what = `with ${code} ${JSON.stringify(attributes)}: banned without an end`;
    faultOf(refusal, what, async ({ device, before, look, loginsAfter, statusAfter }, notes) => {
      assert.partialDeepStrictEqual(before, {
        status: { state: "banned", last_disconnect: { reason, code }, banned_until: null },
        logins: 1,
      });
      assertRefused(notes.answer(look), 503, "DEVICE_NOT_READY");
      assert.equal(loginsAfter, 1, "logins after the server was restarted");
      assert.equal(at(statusAfter, "state"), "banned");
      const { connect, status } = asked(world, device);
      assertRefused(notes.answer(await connect()), 409, "ACCOUNT_BANNED");
      device.accept();
      dataOf(await connect());
      assert.equal(at(notes.end(await status(), "after POST /connect"), "state"), "connected");
    });
  }
});

/** Each has a world of its own, and waits beside the other. */
describe.concurrent("A device whose login is refused for some time", () => {
  fault(
    "with 402: banned for some seconds, and the server is restarted",
    async ({ onTestFinished }, notes) => {
      const world = await startRefusingWorld(oftenRenewed);
      onTestFinished(() => world.stop());
      const seconds = 8;
      const attributes = { code: "101", expire: `${seconds}` };
      const device = await refusedDevice(world, "5511900000000", { code: 402, attributes });
      const { status, look, connect } = asked(world, device);
      const { id, logins } = device;
      const [refusedAt = 0] = logins.refused;
      const banned = await world.untilState(id, "banned");
      assert.partialDeepStrictEqual(banned, {
        paired: true,
        last_disconnect: { reason: "temporarily_banned", code: 402 },
      });
      const bannedUntil = Date.parse(textAt(banned, "banned_until"));
      assert.ok(Math.abs(bannedUntil - refusedAt - seconds * 1000) < 1_000, textAt(banned, "banned_until"));
      for (const ask of [look, connect]) {
        const answer = notes.answer(await ask());
        if (ask === look) {
          assertRefused(answer, 503, "DEVICE_NOT_READY");
          assertRetryAfter(answer, 1, seconds);
        } else assertRefused(answer, 409, "ACCOUNT_BANNED");
        assert.match(textAt(answer.body, "error"), new RegExp(new Date(bannedUntil).toISOString()));
      }
      await world.restartServer();
      assert.partialDeepStrictEqual(await status(), {
        state: "banned",
        banned_until: new Date(bannedUntil).toISOString(),
      });
      assertRefused(notes.answer(await connect()), 409, "ACCOUNT_BANNED");
      device.accept();
      const back = await world.untilState(id, "connected");
      const [acceptedAt = 0] = logins.accepted;
      assert.ok(acceptedAt >= bannedUntil, `${bannedUntil - acceptedAt} ms before the end of the ban`);
      assert.deepEqual([logins.refused.length, logins.accepted.length], [1, 1]);
      assert.equal(at(notes.end(back, "by itself, when the ban is over"), "banned_until"), null);
    },
  );

  fault("with 402, again each time that a ban is over", async ({ onTestFinished }, notes) => {
    const world = await startRefusingWorld({ ...oftenRenewed, WUTS_RECONNECT_MAX_MS: "2000" });
    onTestFinished(() => world.stop());
    const device = await refusedDevice(world, "5511900000000", { code: 402, attributes: { expire: "1" } });
    const { id, logins } = device;
    await until("three refusals", async () => {
      const seen = logins.refused.length;
      return { found: seen >= 3 ? seen : undefined, seen };
    });
    const [first = 0, second = 0, third = 0] = logins.refused;
    // Never more often than WhatsApp that cannot be reached is asked.
    for (const gap of [second - first, third - second]) assert.ok(gap >= 2_000, `${gap} ms`);
    notes.answer(await asked(world, device).look());
    device.accept();
    notes.end(await world.untilState(id, "connected"), "by itself, when the ban is over");
  });
});
