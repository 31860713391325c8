import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "vitest";
import { SecretSearch } from "./secret-search.ts";

const secret = randomBytes(32);
const noise = () => randomBytes(1_000);

describe("The search for secrets", () => {
  const search = new SecretSearch();
  search.addBytes("the key", secret);
  search.addText("the code", "ABCDEFGH");
  search.addBytes("another key", randomBytes(32));

  const planted: Record<string, Buffer> = {
    "as bytes": secret,
    "in hex": Buffer.from(secret.toString("hex")),
    "in hex with capitals": Buffer.from(secret.toString("hex").toUpperCase()),
    "in base64": Buffer.from(`"${secret.toString("base64")}"`),
    "in base64url": Buffer.from(`"${secret.toString("base64url")}"`),
    ...Object.fromEntries(
      [1, 2, 3, 4].map((length) => [
        `in the base64 of something longer, ${length} in`,
        Buffer.from(Buffer.concat([randomBytes(length), secret, randomBytes(5)]).toString("base64")),
      ]),
    ),
  };
  for (const [how, bytes] of Object.entries(planted)) {
    it(`finds a key that is there ${how}`, () => {
      const found = search.findIn(Buffer.concat([noise(), bytes, noise()]));
      assert.deepEqual(
        found.map((line) => line.split(":")[0]),
        ["the key"],
      );
      assert.equal(search.findIn(bytes).length, 1);
    });
  }

  it("finds a text", () => {
    assert.match(search.findIn(Buffer.from("the code is ABCDEFGH."))[0] ?? "", /^the code: .+is ABCDEFGH/);
  });

  it("finds nothing where nothing is", () => {
    // Noise alone would complete the key once in 256 times.
    const almost = Buffer.concat([secret.subarray(0, 31), Buffer.of(secret.readUInt8(31) ^ 1)]);
    assert.deepEqual(search.findIn(Buffer.concat([noise(), almost, noise()])), []);
    assert.deepEqual(search.findIn(Buffer.alloc(0)), []);
    assert.equal(search.size, 3);
  });

  it("does not look for what would be found by chance", () => {
    assert.throws(() => search.addText("short", "1234567"), /short/);
  });
});
