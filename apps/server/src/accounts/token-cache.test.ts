import assert from "node:assert/strict";
import { sql } from "kysely";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import { openDatabase } from "../storage/engine/database.ts";
import { isPostgres } from "../storage/engine/dialect.ts";
import { databaseWithDevice } from "../test-support/databases/temporary-database.ts";
import { type TokenRepository, tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";
import { TokenCache, type TokenCacheOptions } from "./token-cache.ts";

/** Known tokens whose look-ups can be counted, and held up, and a clock. */
async function arrange(t: TestContext, options: TokenCacheOptions = {}) {
  const { database, keyRing, place, userId } = await databaseWithDevice(t);
  const rows = tokenRepository(database);
  const seen = { lookUps: 0, uses: 0, holdUp: async () => {} };
  const counted: TokenRepository = {
    ...rows,
    async find(hash, now) {
      seen.lookUps += 1;
      const found = await rows.find(hash, now);
      await seen.holdUp();
      return found;
    },
    async noteUse(...use) {
      seen.uses += 1;
      await rows.noteUse(...use);
    },
  };
  const clock = { now: Date.parse("2026-11-22T12:00:00Z") };
  const cache = new TokenCache(counted, new ChangesElsewhere(database), pino({ level: "silent" }), {
    now: () => clock.now,
    ...options,
  });
  const make = async (expiresAt: Date | null = null) =>
    (await rows.create(userId, { name: "CI", expiresAt })).token;
  const elsewhere = async () => {
    const other = await openDatabase(place, keyRing);
    t.onTestFinished(() => other.destroy());
    return other;
  };
  return { database, userId, rows, seen, clock, cache, make, elsewhere };
}

describe("TokenCache", () => {
  it("asks the database once for a token, in whatever case", async (t) => {
    const { cache, make, seen, userId } = await arrange(t);
    const token = await make();
    for (const text of [token, token.toUpperCase(), token]) {
      assert.equal((await cache.authenticate(text))?.userId, userId);
    }
    assert.equal(seen.lookUps, 1);
  });

  it("remembers no token that does not exist", async (t) => {
    const { cache, rows, userId } = await arrange(t);
    const token = "6f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
    assert.equal(await cache.authenticate(token), undefined);
    await rows.create(userId, { name: "CI", token });
    assert.equal((await cache.authenticate(token))?.userId, userId);
  });

  it("forgets those that were not used for longest, when there are too many", async (t) => {
    const { cache, make, seen } = await arrange(t, { capacity: 2 });
    const [a, b, c] = [await make(), await make(), await make()];
    for (const token of [a, b, a, c]) await cache.authenticate(token);
    assert.equal(seen.lookUps, 3);
    await cache.authenticate(a);
    assert.equal(seen.lookUps, 3);
    await cache.authenticate(b);
    assert.equal(seen.lookUps, 4);
  });

  it("asks the clock each time, not the database, whether a token is expired", async (t) => {
    const { cache, make, seen, clock } = await arrange(t);
    const token = await make(new Date(clock.now + 1_000));
    assert.ok(await cache.authenticate(token));
    clock.now += 999;
    assert.ok(await cache.authenticate(token));
    clock.now += 1;
    assert.equal(await cache.authenticate(token), undefined);
    assert.equal(seen.lookUps, 1);
  });

  it("forgets what it is told to", async (t) => {
    const { cache, make, rows, userId } = await arrange(t);
    const token = await make();
    const { tokenId } = (await cache.authenticate(token)) ?? {};
    await rows.delete(userId, tokenId ?? "");
    cache.invalidate();
    assert.equal(await cache.authenticate(token), undefined);
  });

  it("does not remember what it read before it was told to forget", async (t) => {
    const { cache, make, rows, userId, seen } = await arrange(t);
    const token = await make();
    seen.holdUp = async () => {
      seen.holdUp = async () => {};
      const [, made] = await rows.listOwned(userId, 10);
      await rows.delete(userId, made?.id ?? "");
      cache.invalidate();
    };
    // This request came before the revocation, the next one after it.
    assert.ok(await cache.authenticate(token));
    assert.equal(await cache.authenticate(token), undefined);
  });

  it("forgets by itself when another process has changed the database", async (t) => {
    const { cache, make, userId, seen, elsewhere } = await arrange(t);
    const other = await elsewhere();
    const token = await make();
    const holder = await cache.authenticate(token);
    await userRepository(other).update(holder?.tenantId ?? "", userId, { role: "user" });
    assert.equal((await cache.authenticate(token))?.role, "user");
    await userRepository(other).update(holder?.tenantId ?? "", userId, { active: 0 });
    assert.equal(await cache.authenticate(token), undefined);
    assert.equal(seen.lookUps, 3);
  });

  it("notes at most once a minute when a token was used", async (t) => {
    const { cache, make, rows, userId, seen, clock } = await arrange(t);
    const token = await make();
    const usedAt = async () => (await rows.listOwned(userId, 10)).at(-1)?.last_used_at;
    await cache.authenticate(token);
    const first = new Date(clock.now).toISOString();
    assert.equal(await usedAt(), first);
    clock.now += 59_999;
    await Promise.all([cache.authenticate(token), cache.authenticate(token)]);
    assert.equal(await usedAt(), first);
    clock.now += 1;
    await Promise.all([cache.authenticate(token), cache.authenticate(token)]);
    assert.equal(await usedAt(), new Date(clock.now).toISOString());
    assert.equal(seen.uses, 2);
  });

  it("knows a token though its use cannot be noted", async (t) => {
    const { cache, make, database } = await arrange(t);
    const token = await make();
    const stop = isPostgres(database)
      ? "alter table tokens add constraint stop check (last_used_at is null)"
      : "create trigger stop before update on tokens begin select raise(abort, 'no'); end";
    await sql.raw(stop).execute(database);
    assert.ok(await cache.authenticate(token));
  });
});
