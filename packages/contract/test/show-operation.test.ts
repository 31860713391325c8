import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { parse } from "yaml";
import { showOperation } from "../scripts/show-operation.ts";
import { isObject, resolveIn } from "../src/document.ts";
import { wutsContract } from "../src/index.ts";

describe("an operation alone", () => {
  for (const { operationId, path, method } of wutsContract.operations) {
    it(`has all that it refers to, and nothing else: ${operationId}`, () => {
      const shown = parse(showOperation(wutsContract, operationId));
      const described = shown.paths[path];
      assert.deepEqual(described[method], Object(wutsContract.document.paths[path])[method]);
      assert.deepEqual(
        Object.keys(described).sort(),
        ["parameters", method].filter((key) => key in described).sort(),
      );
      const referred = new Set(referencesIn(shown));
      for (const reference of referred) resolveIn(shown, { $ref: reference });
      const listed = Object.entries(Object(shown.components)).flatMap(([kind, components]) =>
        Object.keys(Object(components)).map((name) => `#/components/${kind}/${name}`),
      );
      assert.deepEqual(listed.sort(), [...referred].sort());
    });
  }

  it("is refused with a sentence when there is none", () => {
    assert.throws(() => showOperation(wutsContract, "flyAway"), /The contract has no operation flyAway\./);
  });
});

function referencesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referencesIn);
  if (!isObject(node)) return [];
  const { $ref } = node;
  return [...(typeof $ref === "string" ? [$ref] : []), ...Object.values(node).flatMap(referencesIn)];
}
