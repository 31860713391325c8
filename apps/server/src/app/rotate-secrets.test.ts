import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SimulatorEventMap } from "@wuts/whatsapp-simulator";
import { afterEach, beforeEach, describe, it } from "vitest";
import { ConfigError, readConfig } from "../config/config.ts";
import { openKeyRing } from "../storage/encryption/key-ring.ts";
import { dataOf } from "../test-support/call.ts";
import { onlySqlite } from "../test-support/databases/test-database.ts";
import { temporaryFolder } from "../test-support/processes/server-process.ts";
import { until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";
import { storedCredentials } from "../test-support/worlds/stored-credentials.ts";
import { rotateSecrets } from "./rotate-secrets.ts";

const owner = "5511900000000";
const ana = "5511999999999";

describe("A server with a paired device", () => {
  let world: World;
  let device = "";
  beforeEach(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    device = await world.pairedDevice(owner);
  });
  afterEach(() => world.stop());

  const config = (settings: Record<string, string> = {}) => readConfig({ ...world.place, ...settings });
  const assertWorks = async () => {
    await world.untilState(device, "connected");
    assert.equal(world.simulator.account(owner).devices.length, 1);
    dataOf(await world.call(`/contacts/profile-picture?number=${ana}`));
    // Other messages may be acknowledged meanwhile, such as those that come with a pairing.
    const receipts = new Map<string | undefined, string | undefined>();
    const note = ({ stanza: { tag, attrs } }: SimulatorEventMap["stanza"][0]) => {
      if (tag === "receipt") receipts.set(attrs.id, attrs.type);
    };
    world.simulator.events.on("stanza", note);
    const id = await world.simulator.account(ana).sendMessage(owner, { conversation: "Are you there?" });
    await until("the receipt", async () => ({ found: receipts.has(id) || undefined, seen: [...receipts] }));
    world.simulator.events.off("stanza", note);
    // A device that cannot decrypt asks for the message again.
    assert.notEqual(receipts.get(id), "retry");
  };
  const keyIds = async () =>
    (
      await world.rows(
        "select distinct key_id from (select key_id from credentials union select key_id from signal_keys) used",
      )
    ).map((row) => ({ ...Object(row) }).key_id);

  it("is connected again, without pairing, after its secrets were rotated", async () => {
    await assertWorks();
    await world.stopServer();
    const before = await keyIds();
    const { rows, keyId, dropped, left } = await rotateSecrets(config());
    assert.ok(rows > 800, `${rows} rows`);
    assert.deepEqual([dropped, left, await keyIds()], [[], 0, [keyId]]);
    assert.deepEqual((await rotateSecrets(config())).dropped, before);
    await world.restartServer();
    await assertWorks();
  });

  it("goes on while its secrets are rotated, again and again", async () => {
    for (let round = 0; round < 3; round += 1) {
      const { keyId } = await rotateSecrets(config());
      await assertWorks();
      assert.deepEqual(await keyIds(), [keyId]);
    }
    await world.restartServer();
    await assertWorks();
  });

  it("changes from the file to WUTS_SECRET_KEY, and from one such key to the next", async () => {
    const [first, second] = [randomBytes(32).toString("base64"), randomBytes(32).toString("hex")];
    const path = join(world.dataDir, "secret.key");
    const ofFile = (await readFile(path, "utf8")).trim();
    for (const [both, alone] of [
      [`${first},${ofFile}`, first],
      [`${second},${first}`, second],
    ] as const) {
      await world.restartServer({ WUTS_SECRET_KEY: both });
      await assertWorks();
      const { keyId } = await rotateSecrets(config({ WUTS_SECRET_KEY: both }));
      assert.deepEqual(await keyIds(), [keyId]);
      await rm(path, { force: true });
      await world.restartServer({ WUTS_SECRET_KEY: alone });
      await assertWorks();
      assert.equal(existsSync(path), false);
    }
    await assert.rejects(
      world.restartServer(),
      /^SecretKeyError: The database holds credentials under the key/,
    );
  });

  // No version has kept plain text in PostgreSQL.
  it("logs in without pairing after an upgrade from credentials in plain text", onlySqlite, async () => {
    await assertWorks();
    await world.stopServer();
    const { identities, keys } = await storedCredentials(world.dataDir, world.database);
    const file = new DatabaseSync(join(world.dataDir, "wuts.sqlite"));
    for (const table of ["credentials", "signal_keys"]) {
      file.exec(`drop index ${table}_by_key; alter table ${table} drop column key_id`);
    }
    file.exec("delete from kysely_migration where name > '2026-11-first-tables'");
    for (const { deviceId, json } of identities) {
      file.prepare("update credentials set creds = ? where device_id = ?").run(json, deviceId);
    }
    for (const { deviceId, type, id, json } of keys) {
      file
        .prepare("update signal_keys set value = ? where device_id = ? and type = ? and id = ?")
        .run(json, deviceId, type, id);
    }
    file.close();
    await rm(join(world.dataDir, "secret.key"));
    await world.restartServer();
    await assertWorks();
    assert.deepEqual(await keyIds(), [openKeyRing(world.dataDir).keys()[0].id]);
  });
});

describe("rotateSecrets", () => {
  it("makes no database where there is none", async (t) => {
    const dataDir = join(await temporaryFolder(t), "data");
    await assert.rejects(rotateSecrets(readConfig({ WUTS_DATA_DIR: dataDir })), ConfigError);
    assert.equal(existsSync(dataDir), false);
  });
});
