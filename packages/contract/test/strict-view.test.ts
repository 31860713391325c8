import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, it } from "vitest";
import { asObject } from "../src/document.ts";
import { contract, parseContract, strictView } from "../src/index.ts";

const things = parseContract(`
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    get:
      operationId: listThings
      tags: [things]
      x-role: user
      responses:
        "200":
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Thing" }
              examples: { odd: { value: { properties: { a: 1 } } } }
components:
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: { type: string, x-strict: { maxLength: 5 } }
        const: { type: integer }
        properties: { type: object, properties: { deep: { type: boolean } } }
        others: { type: object, x-open: Others say it., additionalProperties: true }
        maybe: { oneOf: [{ $ref: "#/components/schemas/Failure" }, { type: "null" }] }
    Failure: { type: object, required: [code], properties: { code: { enum: [A, B] }, text: { type: string } } }
    Narrowed:
      allOf:
        - { $ref: "#/components/schemas/Failure" }
        - { type: object, required: [text], properties: { code: { enum: [B] } } }
`).document;

describe("the strict view", () => {
  const view = strictView(things);

  it.for<[name: string, value: unknown, isValid: boolean]>([
    ["Thing", { name: "abc" }, true],
    ["Thing", { name: "abc", const: 1, properties: { deep: true }, others: { any: 1 }, maybe: null }, true],
    ["Thing", { name: "abc", more: 1 }, false],
    ["Thing", { name: "abcdef" }, false],
    ["Thing", { name: "abc", properties: { deep: true, more: 1 } }, false],
    ["Thing", { name: "abc", maybe: { code: "A" } }, true],
    ["Thing", { name: "abc", maybe: { code: "A", more: 1 } }, false],
    ["Narrowed", { code: "B", text: "b" }, true],
    ["Narrowed", { code: "A", text: "a" }, false],
    ["Narrowed", { code: "B" }, false],
    ["Narrowed", { code: "B", text: "b", more: 1 }, false],
  ])("of %s takes %j: %s", ([name, value, isValid]) => {
    assert.equal(validatorOf(view, name)(value), isValid);
  });

  it("refuses what the contract lets pass, for clients that validate", () => {
    const validate = validatorOf(things, "Thing");
    assert.ok(validate({ name: "abcdef", more: 1, properties: { more: 1 } }));
  });

  it("leaves examples, and the contract itself, as they are", () => {
    const { responses } = asObject(asObject(view.paths["/things"]).get);
    assert.match(JSON.stringify(responses), /"value":\{"properties":\{"a":1\}\}/);
    assert.doesNotMatch(JSON.stringify(things.components), /"additionalProperties":false/);
  });

  it("is made once for each contract", () => {
    assert.equal(strictView(things), view);
  });

  it("of our contract closes every object of an answer", () => {
    const { schemas } = asObject(strictView(contract).components);
    const open = Object.entries(asObject(schemas)).filter(([, schema]) => {
      const { properties, additionalProperties } = asObject(schema);
      return properties !== undefined && additionalProperties !== false;
    });
    assert.deepEqual(
      open.map(([name]) => name),
      [],
    );
    assert.ok(Object.keys(asObject(schemas)).length > 50);
  });
});

function validatorOf(document: object, name: string) {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(structuredClone(document), "contract");
  return ajv.compile({ $ref: `contract#/components/schemas/${name}` });
}
