import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "vitest";
import { at, dataOf } from "../test-support/call.ts";
import { describeOnPostgres } from "../test-support/databases/test-database.ts";
import { runFromPage } from "../test-support/processes/run-from-page.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld } from "../test-support/world.ts";

describeOnPostgres("A backup of PostgreSQL, made and restored as the page on operations says", () => {
  it("brings back a device that connects, and nothing that was made since", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const owner = "5511900000000";
    world.simulator.addAccount({ phone: owner });
    const device = await world.pairedDevice(owner);
    const url = new URL(world.database.place.databaseUrl ?? "");
    // The commands take the name of the database from the end of the URL.
    if (url.search !== "") t.skip("the URL in WUTS_TEST_DATABASE_URL has parameters");
    const restored = `${url.pathname.slice(1)}_restored`;
    const variables = {
      DATABASE_URL: url.href,
      BACKUP: join(await temporaryFolder(t), "backup"),
      RESTORED: restored,
    };
    await runFromPage("docs/operations.md", "pg backup", variables);
    await world.createDevice("Made since");

    await world.stopServer();
    await runFromPage("docs/operations.md", "pg restore", variables);
    t.onTestFinished(async () => {
      await world.stopServer();
      await world.rows(`drop database ${restored}`);
    });
    const login = nextEvent(world.simulator.events, "login");
    await world.restartServer({ DATABASE_URL: new URL(`/${restored}`, url).href });
    await login;
    await world.untilState(device, "connected");
    assert.equal(at(dataOf(await world.call("/devices")), "items", "length"), 1);
  });
});
