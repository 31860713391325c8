import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { tenantRepository } from "./tenants.repository.ts";
import { hashOfToken, tokenRepository } from "./tokens.repository.ts";
import { userRepository } from "./users.repository.ts";

describe("users", () => {
  it("begin with one admin, once", async (t) => {
    const { database } = await temporaryDatabase(t);
    const [first, second] = [randomUUID(), randomUUID()];
    assert.equal(await userRepository(database).bootstrap(first), true);
    assert.equal(await userRepository(database).bootstrap(second), false);
    const find = (token: string) => tokenRepository(database).find(hashOfToken(token), new Date());
    const { holder } = (await find(first)) ?? {};
    assert.equal(holder?.role, "admin");
    const [token] = await tokenRepository(database).listOwned(holder?.userId ?? "", 10);
    assert.partialDeepStrictEqual(token, { name: "bootstrap", first_characters: first.slice(0, 4) });
    assert.equal(await find(second), undefined);
  });

  it("have an e-mail address that no other of their tenant has, in whatever case", async (t) => {
    const { database } = await temporaryDatabase(t);
    const [one, two] = [await tenantNamed("one"), await tenantNamed("two")];
    async function tenantNamed(name: string) {
      const tenant = await tenantRepository(database).create(name);
      assert.ok(tenant !== "name_taken");
      return tenant.id;
    }
    const create = (tenantId: string, email: string | null) =>
      userRepository(database).create({ tenantId, role: "user", email });
    const ana = await create(one, "Ana@example.com");
    assert.ok(ana !== "email_taken");
    assert.equal(await create(one, "ana@EXAMPLE.com"), "email_taken");
    assert.notEqual(await create(two, "ana@example.com"), "email_taken");
    assert.notEqual(await create(one, "bruno@example.com"), "email_taken");
    // Any number of users has none.
    for (const email of [null, null]) assert.notEqual(await create(one, email), "email_taken");
    assert.equal(await userRepository(database).update(two, ana.id, { role: "admin" }), undefined);
  });
});
