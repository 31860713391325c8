import assert from "node:assert/strict";
import { pino } from "pino";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import type { Database } from "../../storage/engine/database.ts";
import { LeaseLost, leaseRepository, released } from "../../storage/leasing/leases.repository.ts";
import { type Answer, assertRefused, assertRetryAfter, at, dataOf, listAt } from "../../test-support/call.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { type AnotherServer, startWorld, type World } from "../../test-support/world.ts";
import { DeviceLeases, type DeviceLeasesOptions } from "./device-leases.ts";

const owner = "5511900000000";
const ana = "5511999999999";
/** A short lease, so that it runs out soon. */
const leaseMs = 3_000;

describe("Two servers on one database", () => {
  let world: World;
  let other: AnotherServer;
  let device: string;
  /** The most connections that the device had at the same time. */
  let mostOpen = 0;
  beforeAll(async () => {
    world = await startWorld({ WUTS_LEASE_MS: `${leaseMs}` });
    const { simulator } = world;
    simulator.addAccount({ phone: owner });
    simulator.addAccount({ phone: ana, picture: { id: "1" } });
    device = await world.pairedDevice(owner);
    const open = new Set<number>();
    simulator.events.on("stanza", ({ connection: { id, phone } }) => {
      if (phone === owner) open.add(id);
      mostOpen = Math.max(mostOpen, open.size);
    });
    simulator.events.on("disconnected", ({ id }) => open.delete(id));
    other = await world.startAnother();
  });
  afterAll(async () => {
    await other.stop();
    await world.stop();
  });

  const status = (server: Pick<World, "call">) => server.call(`/status?device_id=${device}`);
  const untilConnectedAt = (server: Pick<World, "call">) =>
    until("the device to be connected there", async () => {
      const { body } = await status(server);
      return { found: at(body, "data", "state") === "connected" || undefined, seen: body };
    });
  const listedBy = async (server: Pick<World, "call">) =>
    listAt(dataOf(await server.call("/devices")), "items").map((item) => at(item, "state"));

  it("hold nothing any more when they are stopped, not even as they start", async () => {
    await other.stop();
    for (const _ of [1, 2, 3]) {
      await world.stopServer();
      const held = "select device_id from device_leases where expires_at <> ?";
      assert.deepEqual(await world.rows(held, released), []);
      await world.restartServer();
    }
    await untilConnectedAt(world);
    other = await world.startAnother();
  });

  it("never both work with a device: the other one says where it is not", async () => {
    const asked: Record<string, () => Promise<Answer>> = {
      "GET /status": () => status(other),
      "GET /devices/{device_id}": () => other.call(`/devices/${device}`),
      "POST /connect": () => other.call("/connect", { method: "POST" }),
      "POST /disconnect": () => other.call("/disconnect", { method: "POST" }),
      "POST /logout": () => other.call("/logout", { method: "POST" }),
      "GET /qr": () => other.call("/qr"),
      "DELETE /devices/{device_id}": () => other.call(`/devices/${device}`, { method: "DELETE" }),
      "GET /contacts/profile-picture": () => other.call(`/contacts/profile-picture?number=${ana}`),
    };
    for (const ask of Object.values(asked)) {
      const answer = await ask();
      assertRefused(answer, 503, "DEVICE_ELSEWHERE");
      assertRetryAfter(answer, 1, 1);
    }
    dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
    assert.equal(world.simulator.account(owner).devices.length, 1);
  });

  it("both list it, with the state that the one tells the other", async () => {
    await until("the state to be told", async () => {
      const seen = await listedBy(other);
      return { found: seen[0] === "connected" || undefined, seen };
    });
    assert.deepEqual(await listedBy(world), ["connected"]);
  });

  it("hand it over when the one that has it is stopped", async () => {
    await world.stopServer();
    await untilConnectedAt(other);
    await world.restartServer();
    assertRefused(await status(world), 503, "DEVICE_ELSEWHERE");
    dataOf(await other.call(`/contacts/profile-picture?number=${ana}`));
  });

  it("end the connection when they cannot say in time that they live, before anybody opens another one", async () => {
    const gone = nextEvent(world.simulator.events, "disconnected", ({ phone }) => phone === owner);
    const unlock = await world.database.lock();
    await gone;
    const back = nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);
    await unlock();
    await back;
    const here = await until("the device to be connected somewhere", async () => {
      const answers = await Promise.all([world, other].map(status));
      const connected = [world, other].filter(
        (_, index) => at(answers[index]?.body, "data", "state") === "connected",
      );
      return { found: connected[0], seen: answers.map(({ body }) => body) };
    });
    dataOf(await here.call(`/contacts/profile-picture?number=${ana}`));
    if (here === world) return;
    await other.stop();
    await untilConnectedAt(world);
    other = await world.startAnother();
  });

  it("let go of a device that rests, so that any of them may be asked to connect it", async () => {
    dataOf(await world.call("/disconnect", { method: "POST" }));
    await until("the device to be free", async () => {
      const { status: seen } = await other.call("/connect", { method: "POST" });
      return { found: seen === 200 || undefined, seen };
    });
    assertRefused(await status(world), 503, "DEVICE_ELSEWHERE");
  });

  it("end the connection of a device that was deleted with its user through the other one", async () => {
    const { id, token } = await world.addPerson();
    const phone = "5511900000001";
    world.simulator.addAccount({ phone });
    const theirs = await world.pairedDevice(phone, token);
    const gone = nextEvent(
      world.simulator.events,
      "disconnected",
      (connection) => connection.phone === phone,
    );
    const deleted = dataOf(await other.call(`/users/${id}`, { method: "DELETE" }));
    assert.deepEqual([at(deleted, "devices"), at(deleted, "unlinked")], [1, 0]);
    await gone;
    assertRefused(await world.call(`/devices/${theirs}`), 404, "DEVICE_NOT_FOUND");
  });

  it("have never both opened it", () => {
    assert.equal(mostOpen, 1);
  });
});

describe("A server that is asked for the device of another one, says when to ask again: when that one", () => {
  for (const [what, leftMs, least, most] of [
    ["is silent, for when its lease runs out", 12_000, 11, 12],
    ["is silent, for a second when its lease is about to run out", 300, 1, 1],
    ["lives, for a second: that one is to be asked", 29_000, 1, 1],
    ["lives with longer leases, for a second", 600_000, 1, 1],
  ] as const) {
    it(what, async (t) => {
      const world = await startWorld();
      t.onTestFinished(() => world.stop());
      const id = await world.createDevice();
      await world.write(
        "insert into device_leases values (?, 'another server', 1, ?, '')",
        id,
        Date.now() + leftMs,
      );
      const answer = await world.call(`/status?device_id=${id}`);
      assertRefused(answer, 503, "DEVICE_ELSEWHERE");
      assertRetryAfter(answer, least, most);
    });
  }
});

describe("Leases", () => {
  it("takes a device once, however often and by whichever way it is asked for at once", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const leases = leasesOf(database, "server", {});
    // As when a server starts, and a request for the device arrives meanwhile.
    const [, held] = await Promise.all([
      leases.holdFree([device.id]),
      leases.hold(device.id),
      leases.holdFree([device.id]),
      leases.hold(device.id),
    ]);
    assert.deepEqual([held.fence, (await leases.hold(device.id)).fence], [1, 1]);
    const [stored] = await database.selectFrom("device_leases").select("fence").execute();
    assert.equal(stored?.fence, 1);
    await leases.releaseAll();
  });

  it("lets nothing be sent after it stood still for longer than a lease, not even in the same turn", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const lost: string[] = [];
    const leases = leasesOf(database, "server", { leaseMs: 1_000, onLost: (id) => lost.push(id) });
    const lease = await leases.hold(device.id);
    assert.equal(lease.confirmed(), undefined);
    // As when the process is suspended and resumed.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    const confirmed = lease.confirmed();
    assert.ok(confirmed);
    await assert.rejects(confirmed, LeaseLost);
    assert.deepEqual(lost, [device.id]);
    await leases.releaseAll();
  });

  for (const [what, takenAway] of [
    ["goes on", false],
    ["loses what another server has", true],
  ] as const) {
    it(`renews first what it has when the machine was suspended, and ${what}`, async (t) => {
      const { database, device } = await databaseWithDevice(t);
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
      t.onTestFinished(() => void vi.useRealTimers());
      const lost: string[] = [];
      const leases = leasesOf(database, "server", { leaseMs: 60_000, onLost: (id) => lost.push(id) });
      const lease = await leases.hold(device.id);
      const leftMs = () =>
        database.selectFrom("device_leases").select("expires_at").executeTakeFirstOrThrow();
      await database.updateTable("device_leases").set({ expires_at: 1 }).execute();
      if (takenAway) await leaseRepository(database, "another server").take([device.id], 60_000);
      vi.setSystemTime(Date.now() + 3_600_000);
      const confirmed = lease.confirmed();
      assert.ok(confirmed);
      if (takenAway) await assert.rejects(confirmed, LeaseLost);
      else await confirmed;
      assert.deepEqual(lost, takenAway ? [device.id] : []);
      assert.equal(lease.lost.aborted, takenAway);
      assert.ok((await leftMs()).expires_at > 1);
      await leases.releaseAll();
    });
  }
});

function leasesOf(database: Database, serverId: string, options: Partial<DeviceLeasesOptions>): DeviceLeases {
  const usual = { leaseMs: 60_000, onLost: () => undefined, afterRenewal: async () => undefined };
  return new DeviceLeases(
    leaseRepository(database, serverId),
    { ...usual, ...options },
    pino({ level: "silent" }),
  );
}
