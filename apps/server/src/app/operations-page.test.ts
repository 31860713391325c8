import assert from "node:assert/strict";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
import { secretSettings, settings } from "../config/config.ts";
import { at, dataOf } from "../test-support/call.ts";
import { onlySqlite } from "../test-support/databases/test-database.ts";
import { root, runFromPage } from "../test-support/processes/run-from-page.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld } from "../test-support/world.ts";

const page = await readFile(join(root, "docs/operations.md"), "utf8");
const run = (name: string, variables: Record<string, string>) =>
  runFromPage("docs/operations.md", name, variables);

describe("The page on operations", () => {
  it("says what each metric means, and names none that there is not", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const text = String((await world.call("/metrics")).body);
    const reported = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = ""]) => name));
    assert.ok(reported.size > 15);
    const described = [...page.matchAll(/^- `((?:wuts|process|nodejs)_\w+)`(?: \([^)]+\))?: (.*)/gm)];
    assert.deepEqual(new Set(described.map(([, name]) => name)), reported);
    assert.deepEqual(
      described.filter(([, , meaning = ""]) => meaning.length < 10),
      [],
    );
    const named = page.match(/\b(?:wuts|process|nodejs)_[a-z_0-9]+/g) ?? [];
    const known = (name: string) =>
      reported.has(name) || reported.has(name.replace(/_(bucket|sum|count)$/, ""));
    assert.deepEqual(
      named.filter((name) => !known(name)),
      [],
    );
  });

  it("names no setting that there is not, nor does the page on deployment", async () => {
    const pages = page + (await readFile(join(root, "docs/deployment.md"), "utf8"));
    const named = pages.match(/\b(?:WUTS_[A-Z_]+|DATABASE_URL)\b/g) ?? [];
    assert.ok(named.length > 10);
    const known = [...Object.keys(settings.shape), ...secretSettings.map((name) => `${name}_FILE`)];
    assert.deepEqual(
      named.filter((name) => !known.includes(name)),
      [],
    );
  });
});

describe("A backup of SQLite, made and restored as the page says", onlySqlite, () => {
  const [owner, ana] = ["5511900000000", "5511999999999"];

  const begin = async (t: TestContext) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const folder = await temporaryFolder(t);
    const variables = { WUTS_DATA_DIR: world.dataDir, BACKUP: join(folder, "backup") };
    t.onTestFinished(() => rm(`${world.dataDir}.before`, { recursive: true, force: true }));
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    const device = await world.pairedDevice(owner);
    return { world, variables, device };
  };

  it("brings back a device that connects, and its pictures", async (t) => {
    const { world, variables, device } = await begin(t);
    const image = `/contacts/profile-picture/image?number=${ana}`;
    assert.equal((await world.call(image)).status, 200);
    // The server runs, and what it wrote last is in the log beside the database.
    await run("backup", variables);
    assert.equal((await stat(variables.BACKUP)).mode & 0o777, 0o700);
    for (const name of ["wuts.sqlite", "secret.key"])
      assert.equal((await stat(join(variables.BACKUP, name))).mode & 0o777, 0o600, name);
    await world.createDevice("Made since");

    await world.stopServer();
    await run("restore", variables);
    const login = nextEvent(world.simulator.events, "login");
    await world.restartServer();
    await login;
    await world.untilState(device, "connected");
    dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
    assert.equal((await readdir(join(world.dataDir, "pictures"))).length, 1);
    assert.equal((await world.call(image)).status, 200);
    assert.equal(at(dataOf(await world.call("/devices")), "items", "length"), 1);
  });

  it("is not made over another one, nor of nothing, and leaves nothing then", async (t) => {
    const { variables } = await begin(t);
    await run("backup", variables);
    await assert.rejects(run("backup", variables), /is there already/);
    const nothing = { WUTS_DATA_DIR: `${variables.BACKUP}/pictures`, BACKUP: `${variables.BACKUP}.2` };
    await assert.rejects(run("backup", nothing), /is not there/);
    await assert.rejects(stat(nothing.BACKUP));
  });
});
