import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import { makeSecretKey } from "../../kernel/secret-key.ts";
import { temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { until } from "../../test-support/until.ts";
import { startWorld } from "../../test-support/world.ts";
import { SecretKeyError } from "../encryption/key-file.ts";
import { type KeyRing, openKeyRing } from "../encryption/key-ring.ts";
import { keysOfServers, serverRepository } from "./servers.ts";

const aMinute = 60_000;

/** A database, and servers on it with keys of their own. */
async function arrange(t: TestContext) {
  const { database } = await temporaryDatabase(t);
  const [key, otherKey] = [makeSecretKey(), makeSecretKey()];
  const ringOf = (...keys: [typeof key, ...(typeof key)[]]) => openKeyRing("nowhere", keys);
  const server = (id: string, keyRing: KeyRing, predecessors: readonly string[] = []) =>
    serverRepository(database, { id, predecessors }, keyRing);
  const runOut = () => database.updateTable("servers").set({ expires_at: 1 }).execute();
  return { database, key, otherKey, ringOf, server, runOut };
}

const refusal = (keyId: string) => (error: Error) => {
  assert.ok(error instanceof SecretKeyError);
  assert.equal(
    error.message,
    `Another server that runs on this database encrypts with the key ${keyId}, which is not in WUTS_SECRET_KEY: give all of them the same WUTS_SECRET_KEY.`,
  );
  return true;
};

describe("The servers on a database", () => {
  it("may have the same key, however many there are", async (t) => {
    const { database, key, ringOf, server } = await arrange(t);
    for (const id of ["one", "two", "three"]) await server(id, ringOf(key)).enter(aMinute);
    assert.deepEqual(await keysOfServers(database), [key.id]);
  });

  it("refuse one that lacks the key of another one that runs, until that ends or is silent", async (t) => {
    const { key, otherKey, ringOf, server, runOut } = await arrange(t);
    const one = server("one", ringOf(key));
    const two = server("two", ringOf(otherKey));
    await one.enter(aMinute);
    await assert.rejects(two.enter(aMinute), refusal(key.id));
    await one.leave();
    await two.enter(aMinute);
    await assert.rejects(one.enter(aMinute), refusal(otherKey.id));
    await runOut();
    await one.enter(aMinute);
    // Silent is not gone: it comes back.
    await two.stay(aMinute);
    await assert.rejects(server("three", ringOf(key)).enter(aMinute), refusal(otherKey.id));
  });

  it("let one of two in that start at once with different keys", async (t) => {
    const { ringOf, server } = await arrange(t);
    const entering = Array.from({ length: 6 }, (_, index) =>
      server(`server ${index}`, ringOf(makeSecretKey())).enter(aMinute),
    );
    const entered = (await Promise.allSettled(entering)).filter(({ status }) => status === "fulfilled");
    assert.equal(entered.length, 1);
  });

  it("may change their key one after the other", async (t) => {
    const { database, key, otherKey, ringOf, server } = await arrange(t);
    await server("one", ringOf(key)).enter(aMinute);
    await server("two", ringOf(key)).enter(aMinute);
    // As operations.md has it: `new,old` for each, a rotation, `new` for each. A run that was killed counts no more.
    await server("one again", ringOf(otherKey, key), ["one"]).enter(aMinute);
    await assert.rejects(server("a third", ringOf(key)).enter(aMinute), refusal(otherKey.id));
    await server("two again", ringOf(otherKey, key), ["two"]).enter(aMinute);
    assert.deepEqual(await keysOfServers(database), [otherKey.id]);
    await server("one at last", ringOf(otherKey), ["one again", "one"]).enter(aMinute);
    await server("two at last", ringOf(otherKey), ["two again", "two"]).enter(aMinute);
  });

  it("tell which key they have since a rotation", async (t) => {
    const { database, server } = await arrange(t);
    const keyRing = openKeyRing(await temporaryFolder(t));
    const one = server("one", keyRing);
    await one.enter(aMinute);
    keyRing.renew();
    await one.stay(aMinute);
    assert.deepEqual(await keysOfServers(database), [keyRing.keys()[0].id]);
  });

  it("leave nothing behind that grows with each start", async (t) => {
    const { database, key, ringOf, server, runOut } = await arrange(t);
    for (let start = 0; start < 5; start += 1) {
      await server(`start ${start}`, ringOf(key)).enter(aMinute);
      await database
        .insertInto("probes")
        .values({ server_id: `start ${start}`, written_at: "" })
        .execute();
      await runOut();
    }
    await server("last", ringOf(key)).enter(aMinute);
    const tables = ["servers", "probes"] as const;
    const counts = tables.map(
      async (table) => (await database.selectFrom(table).selectAll().execute()).length,
    );
    assert.deepEqual(await Promise.all(counts), [1, 0]);
  });
});

describe("A server with a key of its own", () => {
  it("does not start beside another one, although nothing is encrypted yet", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const { id } = openKeyRing(world.dataDir).keys()[0];
    await assert.rejects(world.startAnother({ WUTS_SECRET_KEY: "5e".repeat(32) }), refusal(id));
    // There is nothing that it could not read once the other one has ended.
    await world.restartServer({ WUTS_SECRET_KEY: "5e".repeat(32) });
    await assert.rejects(world.startAnother(), SecretKeyError);
  });

  it("is refused for as long as the other one lives", async (t) => {
    const world = await startWorld({ WUTS_LEASE_MS: "1000" });
    t.onTestFinished(() => world.stop());
    const seen = new Set<string>();
    await until("it to tell that it lives, for longer than it counts as living otherwise", async () => {
      seen.add(JSON.stringify(await world.rows("select expires_at from servers")));
      return { found: seen.size > 4 || undefined, seen: seen.size };
    });
    await assert.rejects(world.startAnother({ WUTS_SECRET_KEY: "5e".repeat(32) }), SecretKeyError);
    await world.stopServer();
    assert.equal((await world.rows("select id from servers")).length, 0);
  });
});
