import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { inSdkWords, operationInSdkWords } from "./sdk-words.ts";

describe("a text of the contract in the words of the SDK", () => {
  for (const [text, said] of [
    ["Pair it with `GET /qr`.", "Pair it with `wuts.session.generateQrCode()`."],
    ["See `GET /contacts?limit=2`.", "See `wuts.contacts.list()`."],
    ["else 409 `DEVICE_AMBIGUOUS`", "else `DEVICE_AMBIGUOUS`"],
    ["the answer is 304 if it is", "the answer is `NOT_MODIFIED` if it is"],
    ["Answers 200 as long as", "Answers as long as"],
    ["and `Retry-After` says when", "and `error.retryAfter` says when"],
    ["try `refresh=true` again", "try `refresh: true` again"],
    ["As written. Encode `+` as `%2B`; a raw one is a space. Or not.", "As written. Or not."],
    ["up to 500 numbers", "up to 500 numbers"],
  ] as const)
    it(`says ${JSON.stringify(said)}`, () => {
      assert.equal(inSdkWords(text), said);
    });

  it("names no operation that the contract does not have", () => {
    assert.throws(() => inSdkWords("See `GET /nowhere`."), /GET \/nowhere/);
  });

  it("has the codes of an operation in the place of its statuses", () => {
    const responses = [{ status: 503, errorCodes: ["A", "B"] }] as never;
    assert.equal(operationInSdkWords("Answers, else 503.", { responses }), "Answers, else `A` or `B`.");
    assert.throws(() => operationInSdkWords("Answers, else 504.", { responses }), /504/);
  });
});
