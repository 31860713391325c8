import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf } from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";

describe("GET /health/ready", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1" } });
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("says ready to every client, also when no device is connected", async () => {
      await world.createDevice();
      await until("the restore to be over", async () => {
        const seen = dataOf(await world.call("/health/ready", { token: null }));
        return { found: at(seen, "restoring") === false || undefined, seen };
      });
      const ready = dataOf(await world.call("/health/ready", { token: null }));
      assert.deepEqual(ready, { status: "ready", restoring: false });
    });
  });

  describe("503", () => {
    it("says SERVER_NOT_READY while the server stops, and still answers what was asked before", async () => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.latency(1_000, "iq w:profile:picture get");
      const asked = nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza }) => stanza.attrs.xmlns === "w:profile:picture",
      );
      const answering = world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
      await asked;
      const stopping = world.stopServer();
      const ready = await world.call("/health/ready", { token: null });
      assertRefused(ready, 503, "SERVER_NOT_READY");
      assertRetryAfter(ready, 1, 60);
      dataOf(await answering);
      await stopping;
    });
  });
});
