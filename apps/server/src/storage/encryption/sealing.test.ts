import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { makeSecretKey } from "../../kernel/secret-key.ts";
import { type AssociatedData, seal, unseal } from "./sealing.ts";

const place: AssociatedData = ["signal_keys", "device", "session", "5511999999999.0"];

describe("seal", () => {
  const key = makeSecretKey();

  it("hides a text that unseal gives back, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 4, maxLength: 300 }), (text) => {
        const sealed = seal(key, place, text);
        assert.equal(sealed.key_id, key.id);
        assert.ok(!Buffer.from(sealed.text, "base64url").includes(text));
        assert.equal(unseal(key, place, sealed.text), text);
      }),
    );
  });

  it("never gives the same twice", () => {
    const sealed = Array.from({ length: 1_000 }, () => seal(key, place, "text").text);
    assert.equal(new Set(sealed.map((text) => text.slice(0, 16))).size, 1_000);
  });

  it("leaves no byte that can be changed, and no length that can be cut to", () => {
    const bytes = Buffer.from(seal(key, place, "text").text, "base64url");
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed[index] ?? 0) ^ 1, index);
      assert.throws(() => unseal(key, place, changed.toString("base64url")), `byte ${index}`);
      assert.throws(() => unseal(key, place, bytes.toString("base64url", 0, index)), `${index} bytes`);
    }
  });

  const elsewhere: Record<string, AssociatedData> = {
    "another device": ["signal_keys", "other", "session", "5511999999999.0"],
    "another type": ["signal_keys", "device", "sender-key", "5511999999999.0"],
    "another id": ["signal_keys", "device", "session", "5511999999999.1"],
    "parts that only look alike together": ["signal_keys", "device", "session5511", "999999999.0"],
    "another table": ["credentials", "device"],
  };
  for (const [what, other] of Object.entries(elsewhere)) {
    it(`binds the value to its row: ${what} does not open it`, () => {
      assert.throws(() => unseal(key, other, seal(key, place, "text").text));
    });
  }

  it("is opened by its own key only", () => {
    assert.throws(() => unseal(makeSecretKey(), place, seal(key, place, "text").text));
  });
});
