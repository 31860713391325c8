import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { describe, it } from "vitest";
import { parse } from "yaml";
import { handlerOf } from "../scripts/new-handler.ts";
import { type NewOperation, withOperation } from "../scripts/new-operation.ts";
import { asObject, operationIn, parametersIn } from "../src/document.ts";
import { contractYamlPath } from "../src/index.ts";
import { parseContract } from "../src/parse-contract.ts";
import { lint } from "./lint/redocly.ts";

const yaml = await readFile(contractYamlPath, "utf8");

const added: readonly (NewOperation & { readonly what: string })[] = [
  { what: "that asks a device", operationId: "listNotes", method: "get", path: "/notes", tag: "contacts" },
  { what: "with a body", operationId: "addNote", method: "post", path: "/notes", tag: "contacts" },
  { what: "on a path that is there", operationId: "replaceMe", method: "put", path: "/me", tag: "users" },
  {
    what: "with known and new ids in its path",
    operationId: "changeBadge",
    method: "patch",
    path: "/users/{user_id}/badges/{badge_id}",
    tag: "users",
  },
  {
    what: "on a path that names its parameters",
    operationId: "deleteSignInCodes",
    method: "delete",
    path: "/users/{user_id}/sign-in-codes",
    tag: "tokens",
  },
  {
    what: "at the end of the paths",
    operationId: "emptyTrail",
    method: "delete",
    path: "/trail",
    tag: "audit",
  },
];

describe("a new operation", () => {
  it("has the parameters of its path, when it is the second one there", () => {
    const path = "/users/{user_id}/badges/{badge_id}";
    const one = withOperation(yaml, { operationId: "changeBadge", method: "patch", path, tag: "users" });
    const both = withOperation(one, { operationId: "deleteBadge", method: "delete", path, tag: "users" });
    const { document, operations } = parseContract(both);
    const added = operations.filter((operation) => operation.path === path);
    assert.deepEqual(
      added.map((operation) => parametersIn(document, operation).map(({ name }) => name)),
      [
        ["X-Request-Id", "user_id", "badge_id"],
        ["X-Request-Id", "user_id", "badge_id"],
      ],
    );
  });

  const contracts = added.map((operation) => withOperation(yaml, operation));

  for (const [index, { what, operationId, method, path, tag }] of added.entries()) {
    it(`is added once, and nothing else is changed: ${what}`, () => {
      const { operations } = parseContract(contracts[index] ?? "");
      const known = parseContract(yaml).operations;
      const [one, ...others] = operations.filter((each) => each.operationId === operationId);
      assert.deepEqual([one?.method, one?.path, one?.tag, others.length], [method, path, tag, 0]);
      assert.deepEqual(
        operations.filter((each) => each !== one),
        known,
      );
    });
  }

  for (const [index, { what, operationId }] of added.entries()) {
    it(`has a handler that answers what the skeleton shows: ${what}`, async () => {
      const { document, operations } = parseContract(contracts[index] ?? "");
      const operation = operations.find((each) => each.operationId === operationId);
      assert.ok(operation);
      const url = `data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(handlerOf(operationId)))}`;
      const { [operationId]: handler } = await import(url);
      const { status, data } = handler();
      const { content } = asObject(asObject(operationIn(document, operation).responses)[status]);
      const { examples } = asObject(asObject(content)["application/json"]);
      assert.deepEqual(asObject(asObject(examples).usual).value, { success: true, data });
    });
  }

  it("passes the lint as it is", async () => {
    const whole = added.reduce(withOperation, yaml);
    const { problems } = await lint([yaml, whole].map((text) => parse(text)));
    const [before, after] = problems.map((found) => found.map(({ rule, at }) => `${rule} ${at}`));
    // What is ignored expressly is so for the contract's own file.
    assert.deepEqual(after, before);
    assert.ok(whole.length > yaml.length);
  });

  for (const [why, change] of [
    [/has getMe already/, { operationId: "getMe" }],
    [/has GET \/me already/, { path: "/me" }],
    [/notes is none of the contract's tags: devices, /, { tag: "notes" }],
    [/HEAD is none of get, put, /, { method: "HEAD" }],
    [/list-notes is not in camelCase/, { operationId: "list-notes" }],
    [/\/Notes is no path/, { path: "/Notes" }],
    [/notes is no path/, { path: "notes" }],
  ] as const) {
    it(`is refused with a sentence: ${why.source}`, () => {
      const operation = {
        operationId: "listNotes",
        method: "get",
        path: "/notes",
        tag: "contacts",
        ...change,
      };
      assert.throws(() => withOperation(yaml, operation), why);
    });
  }
});
