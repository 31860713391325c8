import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { asObject } from "../src/document.ts";
import { bareView, contract, parseContract } from "../src/index.ts";

const things = parseContract(`
openapi: 3.1.0
info: { title: Things, version: 1.0.0, description: What they are. }
paths:
  /things:
    get:
      operationId: listThings
      summary: Lists them
      description: All of them.
      tags: [things]
      x-role: user
      parameters:
        - { name: example, in: query, description: One of them., example: a, schema: { type: string } }
      responses:
        "200":
          description: They are listed.
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Thing" }
              examples: { odd: { value: { title: a } } }
components:
  schemas:
    Thing:
      type: object
      title: A thing
      description: Any thing.
      properties:
        title: { type: string, description: What it says., examples: [a] }
        description: { type: object, default: { description: none }, properties: { summary: { const: { title: b } } } }
`).document;

describe("the bare view", () => {
  it("lacks what describes and shows, and has all that is called or holds the same", () => {
    assert.deepEqual(bareView(things), {
      openapi: "3.1.0",
      info: { version: "1.0.0" },
      paths: {
        "/things": {
          get: {
            operationId: "listThings",
            tags: ["things"],
            "x-role": "user",
            parameters: [{ name: "example", in: "query", schema: { type: "string" } }],
            responses: {
              200: { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
            },
          },
        },
      },
      components: {
        schemas: {
          Thing: {
            type: "object",
            properties: {
              title: { type: "string" },
              description: {
                type: "object",
                default: { description: "none" },
                properties: { summary: { const: { title: "b" } } },
              },
            },
          },
        },
      },
    });
  });

  it("has every component of the contract, and is half as large", () => {
    const view = bareView(contract);
    assert.deepEqual(
      Object.entries(asObject(view.components)).map(([kind, all]) => [kind, Object.keys(asObject(all))]),
      Object.entries(asObject(contract.components))
        .filter(([kind]) => kind !== "examples")
        .map(([kind, all]) => [kind, Object.keys(asObject(all))]),
    );
    assert.ok(JSON.stringify(view).length < JSON.stringify(contract).length / 2);
    assert.equal(bareView(contract), view);
  });
});
