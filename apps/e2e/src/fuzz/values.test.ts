import assert from "node:assert/strict";
import { contract } from "@wuts/contract";
import fc from "fast-check";
import { describe, it } from "vitest";
import { withoutLookarounds } from "./patterns.ts";
import { object, schemasOf } from "./schemas.ts";
import { oddCharacters, valuesOf } from "./values.ts";

const schemas = schemasOf(contract);
const { components } = object(contract);

/** Texts that are allowed by a schema, many of them. */
function texts(schema: object): string[] {
  return fc.sample(valuesOf(schemas, { ...schema }), { numRuns: 500, seed: 1 }).map(String);
}

describe("Values made from a schema", () => {
  for (const [name, schema] of Object.entries(object(object(components).schemas))) {
    it(`are all allowed by the contract's ${name}`, () => {
      fc.assert(
        fc.property(valuesOf(schemas, object(schema)), (value) => {
          assert.ok(schemas.isValid({ $ref: `#/components/schemas/${name}` }, value));
        }),
      );
    });
  }

  const written = "^(?!0)(?:[\\s()]*[0-9]){3,5}$";
  for (const schema of [
    { type: "string", pattern: written, maxLength: 8 },
    { type: "string", minLength: 3, maxLength: 5 },
    { type: "string", format: "email" },
    { type: "string", format: "date" },
    { type: "integer", minimum: -3, exclusiveMaximum: 4 },
    { type: "number", exclusiveMinimum: 0, maximum: 0.5 },
    { type: "integer", multipleOf: 5, minimum: 1, maximum: 23 },
    { type: "array", items: { type: "boolean" }, minItems: 1, maxItems: 2, uniqueItems: true },
    { type: ["string", "null"], enum: ["a", null] },
    { type: "object", required: ["a"], properties: { b: {} }, additionalProperties: { type: "null" } },
    { type: "object", properties: { a: {}, b: {} }, minProperties: 1, additionalProperties: false },
    { allOf: [{ type: "object", properties: { a: { const: 1 } } }, { required: ["a"] }] },
    { anyOf: [{ type: "integer" }, { $ref: "#/components/schemas/NewDisplayName" }] },
    {},
  ]) {
    it(`are all allowed by ${JSON.stringify(schema)}`, () => {
      fc.assert(
        fc.property(valuesOf(schemas, schema), (value) => {
          assert.ok(schemas.isValid(schema, value));
        }),
      );
    });
  }

  it("reach the ends of what is allowed", () => {
    const limits = fc.sample(valuesOf(schemas, { type: "integer", minimum: 1, maximum: 1_000_000 }), 200);
    assert.ok(limits.includes(1) && limits.includes(1_000_000));
  });

  it("are as long as may be now and then", () => {
    for (const [name, length] of [
      ["NewDisplayName", 100],
      ["OneOfMany", 64],
    ] as const) {
      const made = texts({ $ref: `#/components/schemas/${name}` });
      assert.ok(
        made.some((text) => [...text].length === length),
        name,
      );
    }
  });

  it("hold odd characters where the schema allows them, and none where it does not", () => {
    const isOdd = (text: string) => oddCharacters.some((odd) => text.includes(odd));
    assert.ok(texts({ $ref: "#/components/schemas/NewDisplayName" }).some(isOdd));
    assert.ok(!texts({ $ref: "#/components/schemas/ContactOrGroupJid" }).some(isOdd));
  });

  it("hold the schema's own examples", () => {
    assert.ok(texts({ type: "string", minLength: 1, examples: ["like this"] }).includes("like this"));
  });

  it("are the files that the schema shows, where a text is a file", () => {
    const file = { type: "string", contentEncoding: "base64", contentMediaType: "image/*" };
    assert.deepEqual([...new Set(texts({ ...file, examples: ["AAAA", "BBBB"] }))].sort(), ["AAAA", "BBBB"]);
    assert.throws(() => texts(file), /^Error: no file is shown for /);
  });

  it("are those that the contract names, where more is asked of a text than a schema can say", () => {
    const number = { type: "string", pattern: "^[0-9]+$", "x-checked-further": ["12", "34"] };
    assert.deepEqual([...new Set(texts(number))].sort(), ["12", "34"]);
  });

  it("are lines of JSON, each as the schema of the content says, where a text is that", () => {
    const contentSchema = { type: "object", required: ["a"], properties: { a: { const: 1 } } };
    const made = texts({ type: "string", contentMediaType: "application/x-ndjson", contentSchema });
    const parsed = made.flatMap((text) => text.split("\n").slice(0, -1)).map((line) => JSON.parse(line));
    assert.ok(parsed.length >= made.length);
    for (const line of parsed) assert.partialDeepStrictEqual(line, { a: 1 });
  });

  it("are not made in silence from what is not known", () => {
    for (const schema of [
      { type: "object", patternProperties: {} },
      { type: "string", format: "hostname" },
      { type: "text" },
      { type: "object", properties: { deep: { items: { not: {} }, type: "array" } } },
    ]) {
      assert.throws(() => valuesOf(schemas, schema), /no values are made for/);
    }
  });

  it("are given up when a schema allows none", () => {
    const impossible = valuesOf(schemas, {
      allOf: [{ type: "string" }, { type: "string", pattern: "^$", minLength: 1 }],
    });
    assert.throws(() => fc.sample(impossible, 1), /found no values/);
  });
});

describe("A pattern without its lookarounds", () => {
  for (const [pattern, rest] of [
    ["^(?!a)b(?=[)])c$", "^bc$"],
    ["(?<=x)(?:y|(?!\\))z)(?<!\\[)", "(?:y|z)"],
    ["(?<name>a)", "(?<name>a)"],
    ["[(?!]\\(?!b", "[(?!]\\(?!b"],
  ] as const) {
    it(`is ${rest} for ${pattern}`, () => assert.equal(withoutLookarounds(pattern), rest));
  }
});
