import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "vitest";
import { runWuts, temporaryFolder } from "../test-support/processes/server-process.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";

describe("wuts secrets rotate", () => {
  let world: World;
  let device = "";
  beforeEach(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    device = await world.pairedDevice(owner);
  });
  afterEach(() => world.stop());

  it("puts a new key into the file while the server runs, and says which keys came and went", async (t) => {
    const settings = world.place;
    const sentence = /^The key ([0-9a-f]{8}) of secret\.key encrypts now\. Rows encrypted again: (\d+)\.\n/;
    const first = await runWuts(t, ["secrets", "rotate"], settings);
    const [all, key, rows] = sentence.exec(first.stdout) ?? [];
    assert.deepEqual([first.code, first.stderr, first.stdout], [0, "", all]);
    assert.ok(Number(rows) > 800);
    const second = await runWuts(t, ["secrets", "rotate"], settings);
    assert.equal(second.code, 0);
    assert.match(
      second.stdout,
      /\nThe key [0-9a-f]{8} is gone from secret\.key, since nothing needs it any more\.\n$/,
    );
    assert.ok(!second.stdout.includes(`The key ${key} is gone`));
    for (const line of (await readFile(join(world.dataDir, "secret.key"), "utf8")).trim().split("\n")) {
      assert.ok(!`${first.stdout}${second.stdout}`.includes(line));
    }
    await world.restartServer();
    await world.untilState(device, "connected");
  });

  it("says when the older keys of WUTS_SECRET_KEY can go", async (t) => {
    await world.stopServer();
    const ofFile = (await readFile(join(world.dataDir, "secret.key"), "utf8")).trim();
    const WUTS_SECRET_KEY = `${randomBytes(32).toString("hex")},${ofFile}`;
    const { code, stdout } = await runWuts(t, ["secrets", "rotate"], {
      ...world.place,
      WUTS_SECRET_KEY,
    });
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^The key [0-9a-f]{8} of WUTS_SECRET_KEY encrypts now\. Rows encrypted again: \d+\.\nNothing needs the other keys of WUTS_SECRET_KEY any more: they can go\.\n$/,
    );
  });

  it("exits with 1 when something cannot be read, and says to keep the keys", async (t) => {
    await world.stopServer();
    await world.write("update credentials set creds = 'AAAA'");
    const { code, stdout, stderr } = await runWuts(t, ["secrets", "rotate"], {
      ...world.place,
    });
    assert.equal(code, 1);
    assert.match(stdout, /^The key [0-9a-f]{8} of secret\.key encrypts now\./);
    assert.match(stderr, /^Rows still under other keys: 1\. .+ Keep the other keys; .+\n$/);
  });

  it("exits with 1 where there is no database, and makes none", async (t) => {
    const WUTS_DATA_DIR = join(await temporaryFolder(t), "data");
    const { code, stdout, stderr } = await runWuts(t, ["secrets", "rotate"], { WUTS_DATA_DIR });
    assert.deepEqual([code, stdout, stderr], [1, "", "WUTS_DATA_DIR holds no database.\n"]);
    assert.equal(existsSync(WUTS_DATA_DIR), false);
  });
});
