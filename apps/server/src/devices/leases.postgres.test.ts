import assert from "node:assert/strict";
import pg from "pg";
import { it } from "vitest";
import { describeOnPostgres } from "../test-support/test-database.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld } from "../test-support/world.ts";

const [slow, other] = ["5511900000000", "5511900000001"];

describeOnPostgres("A server, while one transaction is slow", () => {
  it("loses the device that it is about, at the most, and no other one", async (t) => {
    const world = await startWorld({ WUTS_LEASE_MS: "1500" });
    t.onTestFinished(() => world.stop());
    const { simulator } = world;
    for (const phone of [slow, other]) simulator.addAccount({ phone });
    const device = await world.pairedDevice(slow);
    await world.pairedDevice(other);
    const lost: string[] = [];
    simulator.events.on("disconnected", ({ phone }) => lost.push(`${phone}`));
    const gone = nextEvent(simulator.events, "disconnected");

    const client = new pg.Client({ connectionString: world.database.place.databaseUrl });
    await client.connect();
    t.onTestFinished(() => client.end());
    await client.query("begin");
    await client.query("select 1 from device_leases where device_id = $1 for update", [device]);
    // The other one's lease was to be renewed in that time as well, and more than once.
    await gone;
    const back = nextEvent(simulator.events, "login", ({ phone }) => phone === slow);
    await client.query("rollback");
    await back;
    assert.deepEqual(lost, [slow]);
  });
});
