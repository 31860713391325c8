import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { describe, it } from "vitest";
import { parse } from "yaml";
import { withOperation } from "../scripts/new-operation.ts";
import { sortComponents } from "../scripts/sort-components.ts";
import { contractYamlPath } from "../src/index.ts";

const yaml = await readFile(contractYamlPath, "utf8");

describe("the components of the contract", () => {
  it("stand under the banner of the tag that refers to them", () => {
    assert.ok(sortComponents(yaml) === yaml, "Mend it: npm run contract -- sort");
  });

  it("are found again wherever they stood, with their texts and the comments above them", () => {
    const component = /^ {4}ContactList:\n(?: {5,}.*\n)+/m.exec(yaml)?.[0] ?? "";
    assert.ok(component.includes("One page of contacts"));
    const elsewhere = yaml
      .replace(component, "")
      .replace(/^ {4}# ---- .*\n/gm, "")
      .replace(/^ {2}schemas:\n/m, (head) => `${head}\n    # Moved.\n${component}\n`);
    const sorted = sortComponents(elsewhere);
    const [before = ""] = sorted.split("\n    # Moved.\n    ContactList:\n");
    assert.equal([...before.matchAll(/^ {4}# ---- (.*)$/gm)].at(-1)?.[1], "contacts");
    assert.ok(isDeepStrictEqual(parse(sorted), parse(yaml)), "it says what it said");
    assert.ok(sortComponents(sorted) === sorted, "it is sorted");
  });

  it("go to what is shared as soon as another tag refers to them", () => {
    const added = withOperation(yaml, {
      operationId: "listTenantDevices",
      method: "get",
      path: "/tenant-devices",
      tag: "tenants",
    }).replaceAll("#/components/schemas/ListTenantDevicesResult", "#/components/schemas/ContactList");
    const sorted = sortComponents(added);
    const [before = ""] = sorted.split("\n    ContactList:\n");
    assert.equal([...before.matchAll(/^ {4}# ---- (.*)$/gm)].at(-1)?.[1], "shared");
  });
});
