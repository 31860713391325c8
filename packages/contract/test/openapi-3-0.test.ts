import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import { asObject, operationIn, parametersIn } from "../src/document.ts";
import { asOpenApi30, contract, operations } from "../src/index.ts";

const cli = fileURLToPath(import.meta.resolve("@redocly/cli/bin/cli.js"));

describe("the contract in OpenAPI 3.0", () => {
  it("is a valid document of that version", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "wuts-lint-"));
    t.onTestFinished(() => rm(folder, { recursive: true }));
    const [document, config] = [join(folder, "openapi.json"), join(folder, "redocly.yaml")];
    await writeFile(document, JSON.stringify(asOpenApi30(contract)));
    await writeFile(
      config,
      "telemetry: off\nrules: { struct: error, no-unresolved-refs: error, no-enum-type-mismatch: error, no-invalid-media-type-examples: error }\n",
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [cli, "lint", document, "--config", config, "--format", "json"],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    assert.partialDeepStrictEqual(JSON.parse(stdout), { totals: { errors: 0, warnings: 0 } });
  });

  it("has the same operations, parameters and answers", () => {
    const { paths, openapi } = asOpenApi30(contract);
    assert.equal(openapi, "3.0.3");
    for (const operation of operations) {
      const [now, before] = [{ ...contract, paths }, contract].map((document) => {
        const { operationId, security, responses } = operationIn(document, operation);
        const parameters = parametersIn(document, operation).map(({ name, in: place }) => `${place} ${name}`);
        return { operationId, security, parameters, statuses: Object.keys(asObject(responses)) };
      });
      assert.deepEqual(now, before);
    }
  });

  it.for<[what: string, in31: object, in30: object]>([
    ["a constant", { type: "boolean", const: true }, { type: "boolean", enum: [true] }],
    [
      "null among types",
      { type: ["string", "null"], format: "uuid" },
      { type: "string", format: "uuid", nullable: true },
    ],
    ["several types", { type: ["string", "integer"] }, { anyOf: [{ type: "string" }, { type: "integer" }] }],
    [
      "a reference or null",
      { oneOf: [{ $ref: "#/a" }, { type: "null" }] },
      { oneOf: [{ $ref: "#/a" }, { type: "string", nullable: true, enum: [null] }] },
    ],
    [
      "several types or null",
      { type: ["string", "integer", "null"] },
      {
        anyOf: [
          { type: "string", nullable: true },
          { type: "integer", nullable: true },
        ],
      },
    ],
    [
      "what stands beside a reference",
      { $ref: "#/a", description: "A." },
      { allOf: [{ $ref: "#/a" }], description: "A." },
    ],
    [
      "base64",
      { type: "string", contentEncoding: "base64", contentMediaType: "image/jpeg" },
      { type: "string", format: "byte" },
    ],
    ["examples of a schema", { type: "string", examples: ["a", "b"] }, { type: "string", example: "a" }],
    [
      "a property that is called as a keyword",
      { properties: { const: { type: "string" } } },
      { properties: { const: { type: "string" } } },
    ],
    ["an example", { example: { type: ["a", "b"], const: 1 } }, { example: { type: ["a", "b"], const: 1 } }],
  ])("says %s in words of 3.0", ([, in31, in30]) => {
    const document = { ...contract, components: { schemas: { Thing: in31 } } };
    assert.deepEqual(asOpenApi30(document).components, { schemas: { Thing: in30 } });
  });

  it("leaves the contract as it is", () => {
    const before = structuredClone(contract);
    asOpenApi30(contract);
    assert.deepEqual(contract, before);
  });
});
