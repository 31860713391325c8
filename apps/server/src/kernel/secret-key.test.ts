import assert from "node:assert/strict";
import { inspect } from "node:util";
import { describe, it } from "vitest";
import { formatSecretKey, makeSecretKey, parseSecretKey } from "./secret-key.ts";

describe("A secret key", () => {
  it("is read from base64, base64url and hex, and has the same id in each", () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const written = [
      bytes.toString("base64"),
      bytes.toString("base64").replace("=", ""),
      bytes.toString("base64url"),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
    ];
    assert.equal(new Set(written).size, written.length);
    for (const text of written) {
      const key = parseSecretKey(text);
      assert.ok(key, text);
      assert.ok(key.key.export().equals(bytes), text);
      // printf '\xfb%.0s' $(seq 32) | sha256sum
      assert.equal(key.id, "456a0498");
    }
  });

  for (const length of [0, 16, 31, 33, 64]) {
    it(`does not have ${length} bytes`, () => {
      const bytes = Buffer.alloc(length, 7);
      for (const form of ["base64", "base64url", "hex"] as const) {
        assert.equal(parseSecretKey(bytes.toString(form)), undefined);
      }
    });
  }

  it("shows nothing of itself when it is printed", () => {
    const key = makeSecretKey();
    for (const printed of [
      inspect(key, { depth: null, showHidden: true }),
      JSON.stringify(key),
      String(key),
    ]) {
      for (const form of ["base64", "base64url", "hex"] as const) {
        assert.ok(!printed.includes(key.key.export().toString(form)));
      }
    }
  });

  it("is another one each time", () => {
    assert.notEqual(formatSecretKey(makeSecretKey()), formatSecretKey(makeSecretKey()));
  });
});
