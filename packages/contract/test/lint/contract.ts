import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";

const smallest: unknown = parse(await readFile(new URL("smallest-contract.yaml", import.meta.url), "utf8"));

/** What to write where, by JSON pointer such as `#/info/title`; `undefined` takes it away. */
export type Edits = Readonly<Record<string, unknown>>;

/** @returns the smallest contract with `edits` */
export function edited(edits: Edits): unknown {
  const contract = structuredClone(smallest);
  for (const [pointer, value] of Object.entries(edits)) {
    const path = pointer
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = path.pop();
    const parent = path.reduce<unknown>((node, name) => propertiesOf(node, pointer)[name], contract);
    assert.ok(last !== undefined, pointer);
    const properties = propertiesOf(parent, pointer);
    if (value === undefined) {
      assert.ok(last in properties, `nothing to take away at ${pointer}`);
      delete properties[last];
    } else properties[last] = value;
  }
  return contract;
}

function propertiesOf(node: unknown, pointer: string): Record<string, unknown> {
  assert.ok(isRecord(node), `nothing to write into at ${pointer}`);
  return node;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
