import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "vitest";
import { parseDocument } from "yaml";
import { contract, contractYamlPath, errorCodes, operations, parseContract, wutsContract } from "./index.ts";

// Read once more and by other means than the generator: with YAML paths, no resolved document.
const yaml = parseDocument(await readFile(contractYamlPath, "utf8"));
const methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

describe("operations", () => {
  it("knows whose bodies hold a picture, and are larger than others", () => {
    const found = operations.filter(({ hasPicture }) => hasPicture).map(({ operationId }) => operationId);
    assert.deepEqual(found, ["setProfilePicture", "setGroupPicture"]);
  });

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

    it(`knows tag, role, body and security of ${operation.operationId}`, () => {
      assert.equal(operation.tag, yaml.getIn([...at, "tags", 0]));
      assert.equal(operation.role, yaml.getIn([...at, "x-role"]));
      assert.deepEqual(
        operation.requiresOneOf,
        yaml.hasIn([...at, "x-requires-one-of"]) ? values([...at, "x-requires-one-of"]) : [],
      );
      assert.equal(operation.hasBody, yaml.hasIn([...at, "requestBody"]));
      const references = yaml.hasIn([...at, "parameters"])
        ? JSON.stringify(yaml.getIn([...at, "parameters"]))
        : "";
      assert.equal(
        operation.takesIdempotencyKey,
        references.includes("#/components/parameters/IdempotencyKey"),
      );
      const body = follow([...at, "requestBody", "content", "application/json", "schema"]);
      assert.equal(operation.maxTogether, yaml.getIn([...body, "x-max-together"]) ?? null);
      assert.equal(
        operation.public,
        yaml.hasIn([...at, "security"]) && keys([...at, "security"]).length === 0,
      );
    });

    it(`knows the statuses, error codes, content types, lines, bytes, envelopes and examples of ${operation.operationId}`, () => {
      const described = keys([...at, "responses"]).flatMap((status): unknown[] => {
        const response = follow([...at, "responses", status]);
        const names = keys([...response, "headers"]);
        const limited = names.flatMap((name) => {
          const codes = [...follow([...response, "headers", name]), "x-only-with"];
          return yaml.hasIn(codes) ? [[name, values(codes)]] : [];
        });
        const headers = { headers: names, headersOnlyWith: Object.fromEntries(limited) };
        if (!yaml.hasIn([...response, "content"])) {
          const nothing = { errorCodes: [], contentType: null, lines: false, bytes: false, envelope: false };
          return [{ status: Number(status), ...nothing, ...headers, examples: ["empty"] }];
        }
        return keys([...response, "content"]).map((contentType) => {
          const media = [...response, "content", contentType];
          const schema = follow([...media, "schema"]);
          // An error is what all errors are, with fewer codes.
          const isError = yaml.hasIn([...schema, "allOf"]);
          const properties = isError
            ? [...follow([...schema, "allOf", "0"]), "properties"]
            : [...schema, "properties"];
          const code = [...schema, "allOf", "1", "properties", "error_code", "enum"];
          return {
            status: Number(status),
            errorCodes: yaml.hasIn(code) ? values(code) : [],
            contentType,
            lines: contentType === "application/x-ndjson",
            bytes: yaml.getIn([...schema, "format"]) === "binary",
            envelope: yaml.hasIn([...properties, "success"]),
            ...headers,
            examples: keys([...media, "examples"]),
          };
        });
      });
      assert.deepEqual(operation.responses, described);
    });

    it(`knows what a line of ${operation.operationId} is, where it answers lines`, () => {
      const lines = [...at, "responses", "200", "content", "application/x-ndjson"];
      const schema = yaml.hasIn(lines) ? follow([...lines, "schema"]) : [];
      const line = yaml.getIn([...schema, "contentSchema", "$ref"]);
      assert.equal(
        operation.ndjsonItem,
        line === undefined ? null : `${line}`.replace("#/components/schemas/", ""),
      );
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

describe("wutsContract", () => {
  it("is what parsing openapi.yaml gives", async () => {
    assert.deepEqual(parseContract(await readFile(contractYamlPath, "utf8")), wutsContract);
  });

  it("says the same as the generated list", () => {
    assert.deepEqual(
      wutsContract.operations.map(({ operationId }) => operationId),
      operations.map(({ operationId }) => operationId),
    );
    assert.deepEqual(
      wutsContract.errors.map(({ code }) => code),
      errorCodes,
    );
  });

  it("knows with which status an error comes, and whether it says when to ask again", () => {
    const errorOf = (wanted: string) => wutsContract.errors.find(({ code }) => code === wanted);
    assert.deepEqual(errorOf("PICTURE_HIDDEN"), {
      code: "PICTURE_HIDDEN",
      statuses: [404],
      withoutOperation: false,
      retryAfter: false,
    });
    assert.partialDeepStrictEqual(errorOf("DEVICE_BUSY"), { statuses: [503], retryAfter: true });
    // Of the codes of one answer, one may say it and another not.
    assert.partialDeepStrictEqual(errorOf("IDEMPOTENCY_KEY_IN_USE"), { statuses: [409], retryAfter: true });
    assert.partialDeepStrictEqual(errorOf("QUOTA_REACHED"), { statuses: [409], retryAfter: false });
    assert.partialDeepStrictEqual(errorOf("METHOD_NOT_ALLOWED"), { statuses: [], withoutOperation: true });
    assert.partialDeepStrictEqual(errorOf("NOT_FOUND"), { statuses: [404], withoutOperation: true });
  });

  it("knows the fields that must not be logged", () => {
    for (const secret of ["qr_code", "image", "code"]) assert.ok(wutsContract.secretFields.includes(secret));
    for (const known of ["state", "error_code", "jid"]) assert.ok(!wutsContract.secretFields.includes(known));
  });
});

describe("parseContract", () => {
  it("finds secrets behind references, in bodies and among parameters", () => {
    const { secretFields } = parseContract(`
openapi: 3.1.0
paths:
  /things:
    post:
      operationId: makeThing
      tags: [things]
      x-role: user
      parameters:
        - { name: by_parameter, in: query, schema: { type: string, x-redact: true } }
        - { name: not_secret, in: query, schema: { type: string, x-redact: false } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                list: { type: array, items: { type: object, properties: { deep: { x-redact: true } } } }
                by_reference: { $ref: "#/components/schemas/Secret" }
                beside_reference: { $ref: "#/components/schemas/Text", x-redact: true }
      responses: {}
components:
  schemas:
    Secret: { type: string, x-redact: true }
    Text: { type: string }
`);
    assert.deepEqual(secretFields, ["beside_reference", "by_parameter", "by_reference", "deep"]);
  });

  it("says of what is no contract that it is none", () => {
    for (const text of ["", "[]", "hello", "openapi: 3.1.0"]) {
      assert.throws(() => parseContract(text), /^Error: this is not an OpenAPI document$/);
    }
    const broken = wutsContract.yaml.replace("components/parameters/Limit", "components/parameters/Limits");
    assert.throws(() => parseContract(broken), /^Error: #\/components\/parameters\/Limits leads nowhere$/);
  });

  it("says which operation lacks what", () => {
    const yaml =
      "openapi: 3.1.0\npaths: { /things: { get: { operationId: a, tags: [t], responses: {} } } }\ncomponents: {}";
    assert.throws(() => parseContract(yaml), /get \/things: x-role is not a text/);
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
