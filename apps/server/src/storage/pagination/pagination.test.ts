import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it, type TestContext } from "vitest";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { decodeCursor, decodeKey, encodeCursor, encodeKey } from "./cursor-text.ts";
import { cursorOf, type KeysetCursor, paginate } from "./keyset-cursor.ts";

const cursor: KeysetCursor = {
  at: "2026-11-22T12:00:00.000Z",
  id: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d",
};

describe("A cursor that a client has", () => {
  it("is the text that it was in earlier versions", () => {
    const text = "MjAyNi0xMS0yMlQxMjowMDowMC4wMDBaIDNmMmI4YzFhLTlkNGUtNGY2YS04YjdjLTVlMWQyYTNiNGM1ZA";
    assert.equal(encodeCursor(cursor), text);
    assert.deepEqual(decodeCursor(text), cursor);
    assert.equal(encodeKey("5511987654321@s.whatsapp.net"), "NTUxMTk4NzY1NDMyMUBzLndoYXRzYXBwLm5ldA");
    assert.equal(decodeKey("NTUxMTk4NzY1NDMyMUBzLndoYXRzYXBwLm5ldA"), "5511987654321@s.whatsapp.net");
  });

  it("is none at the end of a list and at its beginning", () => {
    assert.deepEqual([encodeCursor(undefined), encodeKey(undefined)], [null, null]);
    assert.deepEqual([decodeCursor(undefined), decodeKey(undefined)], [undefined, undefined]);
  });

  it("is read whatever it is, without what a database does not take", () => {
    assert.deepEqual(decodeCursor(Buffer.from("a\0b c\0").toString("base64url")), { at: "ab", id: "c" });
    assert.deepEqual(decodeCursor("?"), { at: "", id: "" });
    assert.equal(decodeKey(Buffer.from("a\0b").toString("base64url")), "ab");
  });
});

/** Six more users of a tenant, made in two moments. */
async function usersOfTwoMoments(t: TestContext) {
  const { database, userId } = await databaseWithDevice(t);
  const { tenant_id: tenantId } = await database
    .selectFrom("users")
    .select("tenant_id")
    .where("id", "=", userId)
    .executeTakeFirstOrThrow();
  const moments = ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"] as const;
  for (const created_at of [...moments, ...moments, ...moments])
    await database
      .insertInto("users")
      .values({
        id: randomUUID(),
        tenant_id: tenantId,
        role: "user",
        email: null,
        password_hash: null,
        active: 1,
        webhook_url: null,
        created_at,
        updated_at: created_at,
      })
      .execute();
  return { users: userRepository(database), tenantId };
}

describe("The pages of a list", () => {
  it("have each row once, also those of one moment", async (t) => {
    const { users, tenantId } = await usersOfTwoMoments(t);
    const all = (await users.list(tenantId, 100)).map(({ id }) => id);
    assert.equal(all.length, 7);
    const pages: string[][] = [];
    for (let after: KeysetCursor | undefined; pages.length === 0 || after; ) {
      const rows = await users.list(tenantId, 3, after);
      const page = paginate(rows, 2, ({ id }) => id, cursorOf);
      pages.push(page.items);
      after = decodeCursor(encodeCursor(page.next) ?? undefined);
    }
    assert.deepEqual(
      pages.map(({ length }) => length),
      [2, 2, 2, 1],
    );
    assert.deepEqual(pages.flat(), all);
  });
});
