import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { wutsContract } from "@wuts/contract";
import fc from "fast-check";
import { describe, it } from "vitest";
import { schemasOf } from "./schemas.ts";
import { rememberAnswers } from "./seen.ts";

const schemas = schemasOf(wutsContract.document);
const uuid = { type: "string", format: "uuid" };

describe("What a server has shown", () => {
  const [own, another] = [randomUUID(), randomUUID()];
  const answer = { data: { user: { id: own }, items: [{ id: another, name: own }] } };

  function askedFor(name: string, spared: readonly string[]): Set<unknown> {
    const seen = rememberAnswers(schemas, spared);
    seen.note(answer);
    const values = seen.values(name, uuid);
    assert.ok(values);
    return new Set(fc.sample(values, 50));
  }

  it("is asked for again", () => {
    assert.deepEqual(askedFor("user_id", []), new Set([own, another]));
  });

  it("is not asked for again where more is asked of a text than a schema can say", () => {
    const seen = rememberAnswers(schemas);
    seen.note({ data: { items: [{ number: "12" }] } });
    const number = { type: "string", pattern: "^[0-9]+$" };
    assert.ok(seen.values("number", number));
    assert.equal(seen.values("number", { ...number, "x-checked-further": ["34"] }), undefined);
  });

  it("is never asked for again when it is spared", () => {
    assert.deepEqual(askedFor("user_id", [own]), new Set([another]));
    assert.deepEqual(askedFor("name", [own]), new Set([undefined]));
  });
});
