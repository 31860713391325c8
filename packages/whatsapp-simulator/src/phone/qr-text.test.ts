import assert from "node:assert/strict";
import { Browsers, buildPairingQRData } from "@whiskeysockets/baileys";
import fc from "fast-check";
import { describe, it } from "vitest";
import { parseQrText, QrCodeRejected } from "./qr-text.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const ref = fc.base64String({ minLength: 4, maxLength: 88 }).map((text) => `2@${text}`);

describe("parseQrText", () => {
  it("reads back whatever Baileys shows", () => {
    fc.assert(
      fc.property(ref, key, key, key, (shownRef, noiseKey, identityKey, advSecret) => {
        const base64 = [noiseKey, identityKey, advSecret].map((bytes) => bytes.toString("base64"));
        const [noise = "", identity = "", adv = ""] = base64;
        const text = buildPairingQRData(shownRef, noise, identity, adv, Browsers.ubuntu("Chrome"));
        const expected = { ref: shownRef, noiseKey, identityKey, advSecret, platformId: "1" };
        assert.deepEqual(parseQrText(text), expected);
      }),
    );
  });

  it("reads the bare form of older clients, without URL and platform", () => {
    const base64 = Buffer.alloc(32, 7).toString("base64");
    assert.equal(parseQrText(`2@ref,${base64},${base64},${base64}`).platformId, undefined);
  });

  it("rejects any other text with QrCodeRejected, and fails in no other way", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.string()).map((parts) => parts.join(",")),
        ),
        (text) => {
          assert.throws(() => parseQrText(text), QrCodeRejected);
        },
      ),
    );
  });
});
