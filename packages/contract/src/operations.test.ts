import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { parseDocument } from "yaml";
import { contract, contractYamlPath, errorCodes, operations } from "./index.ts";

// Read once more and by other means than the generator: with YAML paths, no resolved document.
const yaml = parseDocument(await readFile(contractYamlPath, "utf8"));
const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

describe("operations", () => {
  it("lists every operation of openapi.yaml, and no other", () => {
    const described = keys(["paths"]).flatMap((path) =>
      keys(["paths", path])
        .filter((key) => methods.includes(key))
        .map((method) => `${method} ${path} ${yaml.getIn(["paths", path, method, "operationId"])}`),
    );
    const listed = operations.map(({ method, path, operationId }) => `${method} ${path} ${operationId}`);
    assert.deepEqual(listed, described);
  });

  for (const operation of operations) {
    const at = ["paths", operation.path, operation.method];

    it(`knows tag, body and security of ${operation.operationId}`, () => {
      assert.equal(operation.tag, yaml.getIn([...at, "tags", 0]));
      assert.equal(operation.hasBody, yaml.hasIn([...at, "requestBody"]));
      assert.equal(
        operation.public,
        yaml.hasIn([...at, "security"]) && keys([...at, "security"]).length === 0,
      );
    });

    it(`knows the statuses, error codes, content types, envelopes and examples of ${operation.operationId}`, () => {
      const described = keys([...at, "responses"]).map((status) => {
        const response = follow([...at, "responses", status]);
        const [contentType = ""] = keys([...response, "content"]);
        const media = [...response, "content", contentType];
        const properties = [...follow([...media, "schema"]), "properties"];
        const code = [...properties, "error_code", "enum"];
        return {
          status: Number(status),
          errorCodes: yaml.hasIn(code) ? values(code) : [],
          contentType,
          envelope: yaml.hasIn([...properties, "success"]),
          examples: keys([...media, "examples"]),
        };
      });
      assert.deepEqual(operation.responses, described);
    });

    it(`finds an error code for every error of ${operation.operationId}`, () => {
      for (const { status, errorCodes, examples } of operation.responses) {
        assert.equal(errorCodes.length > 0, status >= 400, `${status}`);
        assert.ok(examples.length > 0, `${status} has no example`);
      }
    });
  }
});

describe("errorCodes", () => {
  it("has every error_code of every operation once", () => {
    const all = new Set<string>(
      operations.flatMap(({ responses }) => responses.flatMap((r) => r.errorCodes)),
    );
    assert.deepEqual(new Set<string>([...errorCodes, ...all]), new Set<string>(errorCodes));
    assert.equal(new Set(errorCodes).size, errorCodes.length);
  });
});

describe("contract", () => {
  it("is openapi.yaml as it stands now (else: npm run generate -w @wuts/contract)", () => {
    assert.deepEqual(contract, yaml.toJS());
  });
});

/** The path of what is described at `path`, behind its reference if there is one. */
function follow(path: readonly string[]): readonly string[] {
  const reference = yaml.getIn([...path, "$ref"]);
  return typeof reference === "string" ? follow(reference.replace("#/", "").split("/")) : path;
}

function keys(path: readonly string[]): string[] {
  return Object.keys(toJs(path));
}

function values(path: readonly string[]): unknown[] {
  return Object.values(toJs(path));
}

function toJs(path: readonly string[]): object {
  const value: unknown = yaml.getIn(path);
  assert.ok(typeof value === "object" && value !== null && "toJSON" in value, `nothing at ${path.join(" ")}`);
  assert.ok(typeof value.toJSON === "function");
  return value.toJSON();
}
