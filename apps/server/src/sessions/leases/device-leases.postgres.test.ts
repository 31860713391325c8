import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { it } from "vitest";
import { assertRefused, at, dataOf } from "../../test-support/call.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld } from "../../test-support/world.ts";

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
    // The other server's lease was due for renewal in that time as well, more than once.
    await gone;
    const back = nextEvent(simulator.events, "login", ({ phone }) => phone === slow);
    await client.query("rollback");
    await back;
    assert.deepEqual(lost, [slow]);
  });
});

describeOnPostgres("A server on a copy of another one's data folder", () => {
  it("lets the other one keep its devices", async (t) => {
    const world = await startWorld({ WUTS_LEASE_MS: "1500" });
    t.onTestFinished(() => world.stop());
    const { simulator } = world;
    simulator.addAccount({ phone: slow });
    simulator.addAccount({ phone: other, picture: { id: "1" } });
    const device = await world.pairedDevice(slow);
    const seen = new Set<number>();
    let logins = 0;
    simulator.events.on("login", () => {
      logins += 1;
    });
    const copy = join(await temporaryFolder(t), "copy");
    await cp(world.dataDir, copy, { recursive: true });
    const another = await world.startAnother({ WUTS_DATA_DIR: copy });
    t.onTestFinished(() => another.stop());
    // Each server renews its leases several times meanwhile.
    const { renewals } = await until("renewals of the lease", async () => {
      const [row] = await world.rows("select expires_at from device_leases");
      seen.add(Number(at(row, "expires_at")));
      return { found: seen.size > 5 ? { renewals: seen.size } : undefined, seen: seen.size };
    });
    assert.ok(renewals > 5);
    assertRefused(await another.call(`/status?device_id=${device}`), 503, "DEVICE_ELSEWHERE");
    dataOf(await world.call(`/contacts/profile-picture?number=${other}`));
    assert.equal(logins, 0);
  });
});
