import assert from "node:assert/strict";
import { contract, type OperationDescription, operations } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { at, call, listAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const all: readonly OperationDescription[] = operations;

describe("The contract as the API page reads it", () => {
  let world: World;
  let document: unknown;
  beforeAll(async () => {
    world = await startWorld();
    document = (await call(`${world.url}/docs/contract.json`)).body;
  });
  afterAll(() => world.stop());

  it("is the contract but for the parameters of operations", () => {
    const others = (value: unknown) =>
      JSON.stringify(value, (key, inside) => (key === "parameters" ? undefined : inside));
    assert.deepEqual(JSON.parse(others(document)), JSON.parse(others(contract)));
  });

  for (const operation of all) {
    it(`has all examples of the parameters of ${operation.operationId}, and sends those that are needed`, () => {
      const [shown, written] = [document, contract].map((source) => parametersOf(source, operation));
      assert.deepEqual(shown?.map(withoutExamples), written?.map(withoutExamples));
      assert.deepEqual(shown?.map(examplesOf), written?.map(examplesOf));
      for (const parameter of shown ?? []) {
        const isNeeded =
          at(parameter, "required") === true ||
          operation.requiresOneOf.includes(String(at(parameter, "name")));
        for (const example of Object.values(Object(at(parameter, "examples")))) {
          assert.equal(at(example, "x-disabled") === true, !isNeeded, JSON.stringify(parameter));
        }
        assert.ok(isNeeded || at(parameter, "example") === undefined, JSON.stringify(parameter));
      }
    });
  }
});

function parametersOf(document: unknown, { path, method }: OperationDescription): unknown[] {
  const item = at(document, "paths", path);
  const listsOf = [item, at(item, method)].map((each) => ({ own: at(each, "parameters") ?? [] }));
  return listsOf
    .flatMap((each) => listAt(each, "own"))
    .map((parameter) => {
      const reference = at(parameter, "$ref");
      return typeof reference === "string" ? at(document, ...reference.slice(2).split("/")) : parameter;
    });
}

const withoutExamples = (parameter: unknown) => ({
  ...Object(parameter),
  example: 0,
  examples: 0,
  "x-unsent-example": 0,
});

function examplesOf(parameter: unknown): unknown[] {
  const example = at(parameter, "example") ?? at(parameter, "x-unsent-example");
  const named = Object.values(Object(at(parameter, "examples")));
  return [...(example === undefined ? [] : [example]), ...named.map((one) => at(one, "value"))];
}
