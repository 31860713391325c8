import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it, type TestContext } from "vitest";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { hashOfToken, tokenRepository } from "./tokens.repository.ts";
import { userRepository } from "./users.repository.ts";

const now = new Date("2026-11-22T12:00:00Z");
const later = (ms: number) => new Date(now.getTime() + ms);

async function someone(t: TestContext) {
  const { database, userId } = await databaseWithDevice(t);
  const tokens = tokenRepository(database);
  return { database, userId, tokens, find: (token: string, at = now) => tokens.find(hashOfToken(token), at) };
}

describe("tokens", () => {
  it("are found in any case, and stored nowhere", async (t) => {
    const { database, userId, tokens, find } = await someone(t);
    const { token, row } = await tokens.create(userId, { name: "CI" });
    assert.deepEqual(await find(token.toUpperCase()), await find(token));
    assert.equal((await find(token))?.holder.tokenId, row.id);
    const rows = await database.selectFrom("tokens").selectAll().execute();
    assert.equal(rows.length, 2);
    assert.ok(!JSON.stringify(rows).includes(token.slice(5)));
    assert.equal(await find(randomUUID()), undefined);
  });

  it("are unknown from the moment on at which they expire", async (t) => {
    const { userId, tokens, find } = await someone(t);
    const { token } = await tokens.create(userId, { name: "CI", expiresAt: later(1) });
    assert.deepEqual((await find(token))?.expiresAt, later(1));
    assert.equal(await find(token, later(1)), undefined);
  });

  it("are unknown while their user is disabled", async (t) => {
    const { database, userId, tokens, find } = await someone(t);
    const { token } = await tokens.create(userId, { name: "CI" });
    const tenantId = (await find(token))?.holder.tenantId ?? "";
    await userRepository(database).update(tenantId, userId, { active: 0 });
    assert.equal(await find(token), undefined);
    await userRepository(database).update(tenantId, userId, { active: 1 });
    assert.equal((await find(token))?.holder.userId, userId);
  });

  it("note when they were used, but not each time", async (t) => {
    const { userId, tokens } = await someone(t);
    const { row } = await tokens.create(userId, { name: "CI" });
    const usedAt = async () => (await tokens.findOwned(userId, row.id))?.last_used_at;
    await tokens.noteUse(row.id, now, later(-60_000));
    await tokens.noteUse(row.id, later(30_000), later(-30_000));
    assert.equal(await usedAt(), now.toISOString());
    await tokens.noteUse(row.id, later(60_000), now);
    assert.equal(await usedAt(), later(60_000).toISOString());
  });

  it("are deleted by their user only, and go with them", async (t) => {
    const { database, userId, tokens, find } = await someone(t);
    const { token, row } = await tokens.create(userId, { name: "CI" });
    const other = await tokens.create(userId, { name: "other" });
    assert.equal(await tokens.delete(randomUUID(), row.id), false);
    assert.equal(await tokens.delete(userId, row.id), true);
    assert.equal(await tokens.delete(userId, row.id), false);
    assert.equal(await find(token), undefined);
    await userRepository(database).delete(userId);
    assert.equal(await find(other.token), undefined);
    assert.deepEqual(await database.selectFrom("tokens").selectAll().execute(), []);
  });
});
