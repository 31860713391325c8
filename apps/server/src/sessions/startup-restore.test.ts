import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Answer, at, dataOf, listAt, textAt } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import type { World } from "../test-support/world.ts";
import { phonesOf, worldOfMany } from "../test-support/worlds/many-devices.ts";
import { StartupRestore } from "./startup-restore.ts";

describe("Restore", () => {
  it("begins with all that may at once, but not in step, and logs how far it is without saying who", async () => {
    const lines: unknown[] = [];
    const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) });
    const stopping = new AbortController().signal;
    const restore = new StartupRestore({ concurrency: 100, jitterMs: 300, stopping }, log);
    const begun: number[] = [];
    assert.equal(restore.isOver, false);
    await restore.run(
      async () => Array.from({ length: 25 }, (_, index) => index),
      async (index) => {
        begun.push(performance.now());
        return index !== 7;
      },
    );
    assert.equal(restore.isOver, true);
    assert.ok(Math.max(...begun) - Math.min(...begun) > 50, `${begun}`);
    const progress = lines.map((line) => at(line, "done"));
    assert.deepEqual(progress, [undefined, 3, 6, 9, 12, 15, 18, 21, 24, 25]);
    assert.partialDeepStrictEqual(lines.at(-1), { msg: "restored devices", devices: 25, connected: 24 });
  });

  it("connects as many at once as it may, and no more", async () => {
    const stopping = new AbortController().signal;
    const restore = new StartupRestore({ concurrency: 3, jitterMs: 1, stopping }, pino({ level: "silent" }));
    let [underWay, most] = [0, 0];
    await restore.run(
      async () => Array.from({ length: 20 }, (_, index) => index),
      async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await setTimeout(20);
        underWay -= 1;
        return true;
      },
    );
    assert.equal(most, 3);
  });

  it("is over when it cannot be told whom to connect, too", async () => {
    const stopping = new AbortController().signal;
    const restore = new StartupRestore({ concurrency: 1, jitterMs: 0, stopping }, pino({ level: "silent" }));
    const failure = new Error("no database");
    await assert.rejects(
      restore.run(
        () => Promise.reject(failure),
        async () => true,
      ),
      failure,
    );
    assert.equal(restore.isOver, true);
  });
});

describe("A server with 60 paired devices that starts", () => {
  const count = 60;
  const [stuck = "", ...others] = phonesOf(count);
  const concurrency = 8;
  let world: World;
  beforeAll(async () => {
    world = await worldOfMany(count, {
      WUTS_RESTORE_CONCURRENCY: `${concurrency}`,
      WUTS_CONNECT_TIMEOUT_MS: "60000",
    });
  });
  afterAll(() => world.stop());

  const ready = () => world.call("/health/ready", { token: null });
  const isRestoring = (answer: Answer) => at(dataOf(answer), "restoring");

  it("connects no more devices when it is stopped meanwhile", async () => {
    let logins = 0;
    const begun = nextEvent(world.simulator.events, "login", () => ++logins >= 10);
    await world.restartServer();
    await begun;
    const counting = () => {
      logins += 1;
    };
    world.simulator.events.on("login", counting);
    await world.stopServer();
    world.simulator.events.off("login", counting);
    assert.ok(logins < count / 2, `${logins}`);
  });

  it("connects a few at a time and answers meanwhile; one that does not get in holds no other up", async () => {
    const { simulator } = world;
    const loggingIn = new Set<string>();
    let most = 0;
    const connected = new Set<string>();
    const all = Promise.withResolvers<void>();
    simulator.events.on("login", ({ phone }) => {
      loggingIn.add(phone);
      most = Math.max(most, loggingIn.size);
    });
    // The last query before a device counts as connected.
    simulator.events.on("stanza", ({ stanza, connection: { phone = "" } }) => {
      if (stanza.attrs.xmlns !== "passive") return;
      loggingIn.delete(phone);
      connected.add(phone);
      if (connected.size === count - 1) all.resolve();
    });
    const undo = simulator.faults.silence((_stanza, { phone }) => phone === stuck);
    const tenth = nextEvent(simulator.events, "stanza", () => connected.size >= 10);
    await world.restartServer();
    await tenth;
    dataOf(await world.call("/health/live", { token: null }));
    assert.equal(isRestoring(await ready()), true);
    const seen = dataOf(await world.call("/devices?limit=100"));
    assert.ok(JSON.stringify(seen).includes('"connecting"'));

    await all.promise;
    assert.deepEqual([...connected].sort(), [...others].sort());
    assert.ok(most > 1 && most <= concurrency, `${most}`);
    // One device is still connecting.
    assert.equal(isRestoring(await ready()), true);
    undo();
    simulator.faults.close(stuck, "tcp-drop");
    await until("the restore to be over", async () => {
      const seen = isRestoring(await ready());
      return { found: seen === false || undefined, seen };
    });
  });
});

describe("A device whose turn to be restored has not come", () => {
  it("stays disconnected when a user disconnects it", async (t) => {
    const world = await worldOfMany(2, { WUTS_RESTORE_CONCURRENCY: "1" });
    t.onTestFinished(() => world.stop());
    const { faults, events } = world.simulator;
    const logins: string[] = [];
    events.on("login", ({ phone }) => logins.push(phone));
    const undo = faults.silence();
    const begun = nextEvent(events, "login");
    await world.restartServer();
    const { phone: first } = await begun;
    const listed = listAt(dataOf(await world.call("/devices")), "items");
    const device = textAt(
      listed.find((each) => at(each, "phone_number") !== first),
      "id",
    );
    dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
    undo();
    faults.close(first, "tcp-drop");
    await until("the restore to be over", async () => {
      const seen = at(dataOf(await world.call("/health/ready", { token: null })), "restoring");
      return { found: seen === false || undefined, seen };
    });
    assert.equal(at(dataOf(await world.call(`/status?device_id=${device}`)), "state"), "disconnected");
    assert.deepEqual(new Set(logins), new Set([first]));
  });
});
