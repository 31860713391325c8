import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { contract } from "@wuts/contract";
import fc from "fast-check";
import { describe, it, type TestContext } from "vitest";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { Failure } from "../../kernel/failures.ts";
import { textAt } from "../../test-support/call.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { decodeCursor, decodeKey, encodeCursor, encodeKey } from "./cursor-text.ts";
import { cursorOf, type KeysetCursor, paginate } from "./keyset-cursor.ts";

const cursor: KeysetCursor = {
  at: "2026-11-22T12:00:00.000Z",
  id: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d",
};
const jid = "5511987654321@s.whatsapp.net";

const lists = fc.string();
const keys = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed() && !text.includes("\0"));
const keysets = fc.record(
  { at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), id: fc.uuid() },
  { noNullPrototype: true },
);

const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
const characters = fc.constantFrom(...alphabet);

describe("A cursor that a client has", () => {
  it("is the text that it was in earlier versions", () => {
    const ofCursor =
      "MjAyNi0xMS0yMlQxMjowMDowMC4wMDBaIDNmMmI4YzFhLTlkNGUtNGY2YS04YjdjLTVlMWQyYTNiNGM1ZNAeFcr0lEqD";
    assert.equal(encodeCursor("devices", cursor), ofCursor);
    assert.deepEqual(decodeCursor("devices", ofCursor), cursor);
    const ofKey = "NTUxMTk4NzY1NDMyMUBzLndoYXRzYXBwLm5ldHCBWgl6DVif";
    assert.equal(encodeKey("contacts", jid), ofKey);
    assert.equal(decodeKey("contacts", ofKey), jid);
  });

  it("is none at the end of a list and at its beginning", () => {
    assert.deepEqual([encodeCursor("devices", undefined), encodeKey("contacts", undefined)], [null, null]);
    assert.deepEqual(
      [decodeCursor("devices", undefined), decodeKey("contacts", undefined)],
      [undefined, undefined],
    );
  });

  it("is read as it was written, whatever the position", () => {
    fc.assert(
      fc.property(lists, keysets, keys, (list, keyset, key) => {
        assert.deepEqual(decodeCursor(list, encodeCursor(list, keyset) ?? undefined), keyset);
        assert.equal(decodeKey(list, encodeKey(list, key) ?? undefined), key);
      }),
    );
  });

  it("is as the contract says, however long its parts are", () => {
    const longestJid = `${"9".repeat(20)}@s.whatsapp.net`;
    const pattern = new RegExp(
      textAt(contract, "components", "parameters", "Cursor", "schema", "pattern"),
      "u",
    );
    fc.assert(
      fc.property(lists, keysets, (list, keyset) => {
        assert.match(encodeCursor(list, keyset) ?? "", pattern);
        assert.match(encodeKey(list, longestJid) ?? "", pattern);
      }),
    );
  });

  it("is refused when it was cut anywhere", () => {
    fc.assert(
      fc.property(lists, keys, fc.nat(), fc.boolean(), (list, key, at, fromEnd) => {
        const text = encodeKey(list, key) ?? "";
        const length = at % text.length;
        refuses(list, fromEnd ? text.slice(0, length) : text.slice(text.length - length));
      }),
    );
  });

  it("is refused when one character of it is another, or one is added", () => {
    fc.assert(
      fc.property(lists, keys, fc.nat(), characters, (list, key, at, character) => {
        const text = encodeKey(list, key) ?? "";
        const index = at % text.length;
        const before = text.slice(0, index);
        fc.pre(text[index] !== character);
        refuses(list, `${before}${character}${text.slice(index + 1)}`);
        refuses(list, `${before}${character}${text.slice(index)}`);
        refuses(list, `${text}${character}`);
      }),
    );
  });

  it("has one text only: its last character may have bits that say nothing", () => {
    const text = encodeKey("contacts", "551198765432@s.whatsapp.net") ?? "";
    const bytes = Buffer.from(text, "base64url");
    const others = alphabet.map((last) => `${text.slice(0, -1)}${last}`);
    const same = others.filter((other) => Buffer.from(other, "base64url").equals(bytes));
    assert.ok(same.length > 1);
    for (const other of same.filter((each) => each !== text)) refuses("contacts", other);
  });

  it("is refused by another list", () => {
    fc.assert(
      fc.property(lists, lists, keys, (list, other, key) => {
        fc.pre(list !== other);
        refuses(other, encodeKey(list, key) ?? "");
      }),
    );
  });

  it("is refused when it has what a database does not take, if it was made up with care", () => {
    refuses("contacts", encodeKey("contacts", "a\0b") ?? "");
  });
});

function refuses(list: string, text: string): void {
  for (const decode of [decodeCursor, decodeKey])
    assert.throws(
      () => decode(list, text),
      (error) => error instanceof Failure && error.name === "InvalidCursor",
    );
}

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
        active: 1,
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
      after = decodeCursor("users", encodeCursor("users", page.next) ?? undefined);
    }
    assert.deepEqual(
      pages.map(({ length }) => length),
      [2, 2, 2, 1],
    );
    assert.deepEqual(pages.flat(), all);
  });
});
