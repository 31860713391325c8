import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll } from "vitest";
import { assertRefused, dataOf } from "../test-support/call.ts";
import { describeOnPostgres, takeAwayPostgres } from "../test-support/databases/test-database.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("PostgreSQL fails");
const owner = "5511900000000";
const ana = "5511999999999";

describeOnPostgres("A server on PostgreSQL", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    // A lease runs out soon after the database has gone.
    world = await startWorld({ WUTS_LEASE_MS: "3000" });
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1" } });
    device = await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = () => world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
  const write = () => world.call("/devices", { method: "POST", body: { name: "Another" } });
  const untilReady = () =>
    until("the server to be ready", async () => {
      const { status } = await world.call("/health/ready");
      return { found: status === 200 || undefined, seen: status };
    });
  /** Everything works again, without a restart. @returns the status of the device */
  const recovered = async () => {
    await untilReady();
    // It is given up as soon as keys cannot be stored, which may show a moment later only.
    await until("a picture", async () => {
      const { status } = await look();
      return { found: status === 200 || undefined, seen: status };
    });
    dataOf(await write(), 201);
    return world.untilState(device, "connected");
  };

  fault("the database is gone until the leases of devices have run out", async (_test, notes) => {
    const gone = nextEvent(world.simulator.events, "disconnected", ({ phone }) => phone === owner);
    const bringBack = await takeAwayPostgres(world.database);
    for (const ask of [look, write, () => world.call("/me")])
      assertRefused(notes.answer(await ask()), 503, "STORAGE_UNAVAILABLE");
    assertRefused(await world.call("/health/ready"), 503, "SERVER_NOT_READY");
    dataOf(await world.call("/health/live"));
    // Another server could open it when the lease has run out.
    await gone;
    const back = nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);
    await bringBack();
    await back;
    notes.end(await recovered(), "by itself; away as long as the database");
  });

  fault("all its connections are cut, again and again", async (_test, notes) => {
    notes.times = 10;
    for (let time = 0; time < notes.times; time += 1) {
      const writing = Array.from({ length: 10 }, write);
      const bringBack = await takeAwayPostgres(world.database);
      await bringBack();
      for (const answer of await Promise.all(writing)) {
        notes.answer(answer);
        if (answer.status !== 201) assertRefused(answer, 503, "STORAGE_UNAVAILABLE");
      }
    }
    notes.end(await recovered());
  });

  fault("another session holds its locks for longer than anybody waits", async (_test, notes) => {
    const unlock = await world.database.lock();
    const answers = await Promise.all(Array.from({ length: 8 }, write));
    for (const answer of answers) assertRefused(notes.answer(answer), 503, "STORAGE_UNAVAILABLE");
    dataOf(notes.answer(await world.call("/devices")));
    await unlock();
    const stored = await world.rows("select id from devices where name = 'Another'");
    notes.end(await recovered(), "by itself");
    const now = await world.rows("select id from devices where name = 'Another'");
    assert.equal(now.length, stored.length + 1);
  });
});
