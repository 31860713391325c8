import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { temporaryDatabase } from "../test-support/temporary-database.ts";
import { usersIn } from "./users.ts";

describe("users", () => {
  it("begins with one admin, once", async (t) => {
    const { database } = await temporaryDatabase(t);
    const users = usersIn(database);
    const [first, second] = [randomUUID(), randomUUID()];
    assert.equal(await users.bootstrap(first), true);
    assert.equal(await users.bootstrap(second), false);
    assert.equal((await users.findByToken(first))?.role, "admin");
    assert.equal(await users.findByToken(second), undefined);
  });

  it("finds a user by the token in any case, and stores the token nowhere", async (t) => {
    const { database } = await temporaryDatabase(t);
    const users = usersIn(database);
    const token = randomUUID();
    await users.bootstrap(token);
    assert.deepEqual(await users.findByToken(token.toUpperCase()), await users.findByToken(token));
    const rows = await database.selectFrom("tokens").selectAll().execute();
    assert.equal(rows.length, 1);
    assert.ok(!JSON.stringify(rows).includes(token));
  });
});
