import assert from "node:assert/strict";
import { wutsContract } from "@wuts/contract";
import { asObject } from "@wuts/contract/document";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, it } from "vitest";
import { lengthFirst } from "./length-first.ts";

const text = { type: "string", minLength: 2, maxLength: 4, pattern: "^[a-z]*$", format: "email" };
const list = { type: "array", maxItems: 2, uniqueItems: true, items: text };

function judge(schema: unknown) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv, { mode: "full" });
  const validate = ajv.compile(Object(lengthFirst(schema)));
  return (value: unknown) => {
    validate(value);
    return (validate.errors ?? []).map(({ keyword }) => keyword).filter((keyword) => keyword !== "if");
  };
}

describe("lengthFirst", () => {
  it("says of what is too long nothing else", () => {
    assert.deepEqual(judge(text)("1!1!1"), ["maxLength"]);
    assert.deepEqual(judge(list)(["1", "1", "1"]), ["maxItems"]);
    assert.deepEqual(judge({ properties: { list } })({ list: ["1!1!1"] }), ["maxLength"]);
  });

  it("says of what is not too long all that is wrong", () => {
    assert.deepEqual(judge(text)("1"), ["minLength", "pattern", "format"]);
    assert.deepEqual(new Set(judge(list)(["11", "11"])), new Set(["uniqueItems", "pattern", "format"]));
  });

  it("names fields that are not there when they are few, and says of many only that they are", () => {
    const judged = judge({
      type: "object",
      properties: { name: { pattern: "^[a-z]*$" } },
      additionalProperties: false,
    });
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1]));
    assert.deepEqual(judged({ name: "ab@c", ...fields(2) }).sort(), [
      "additionalProperties",
      "additionalProperties",
      "pattern",
    ]);
    assert.deepEqual(judged({ ...fields(100) }), Array(100).fill("additionalProperties"));
    assert.deepEqual(judged({ name: "A", ...fields(101) }), ["maxProperties", "pattern"]);
  });

  it("leaves alone what has no limit, and properties that are called as keywords are", () => {
    const properties = { maxLength: { type: "number" }, pattern: { type: "string", pattern: "^a" } };
    const schema = { type: "object", properties, required: ["pattern"], items: { pattern: "^b" } };
    assert.deepEqual(lengthFirst(schema), schema);
  });

  it("keeps what is in allOf, and changes nothing of what it is given", () => {
    const schema = { ...text, allOf: [{ pattern: "^b" }] };
    const before = structuredClone(schema);
    assert.deepEqual(new Set(judge(schema)("a1")), new Set(["pattern", "format"]));
    assert.deepEqual(judge(schema)("a1").length, 3);
    assert.deepEqual(schema, before);
  });

  for (const name of ["WrittenPhoneNumber", "DisplayName", "UserJid", "SearchText"]) {
    it(`takes what ${name} takes, and nothing else`, () => {
      const schema: unknown = asObject(asObject(wutsContract.document.components).schemas)[name];
      const ajv = new Ajv2020({ strict: false });
      addFormats.default(ajv, { mode: "full" });
      const asWritten = ajv.compile(Object(schema));
      const isTaken = judge(schema);
      const characters = fc.constantFrom(..."05+-. ()a@:", "\u0000", "@s.whatsapp.net", "5511999999999");
      fc.assert(
        fc.property(fc.string({ unit: characters, maxLength: 120 }), (value) => {
          assert.equal(isTaken(value).length === 0, asWritten(value));
        }),
      );
    });
  }
});
