import assert from "node:assert/strict";
import { after, before, describe, it, mock } from "node:test";
import { dataOf } from "../test-support/call.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";

describe("A connected device to which WhatsApp says nothing any more", () => {
  let world: World;
  let device: string;
  before(async () => {
    // Baileys looks every 30 s whether anything came, and gives up when nothing did for 35 s.
    mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.now() });
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    device = await world.pairedDevice(owner);
  });
  after(async () => {
    mock.timers.reset();
    await world.stop();
  });

  it("is reconnected by itself (408)", async () => {
    const back = nextEvent(world.simulator.events, "login");
    world.simulator.faults.close(owner, "timed-out");
    mock.timers.tick(30_000);
    mock.timers.tick(30_000);
    await back;
    await world.untilState(device, "connected");
    assert.partialDeepStrictEqual(dataOf(await world.call(`/status?device_id=${device}`)), {
      last_disconnect: { reason: "timed_out", code: 408 },
    });
  });
});
