import assert from "node:assert/strict";
import { asOpenApi30, contract, parseContract, wutsContract } from "@wuts/contract";
import { asObject, parametersIn } from "@wuts/contract/document";
import { afterAll, describe, it } from "vitest";
import { bearer, caller } from "../test/call.ts";
import { smallContract } from "../test/small-contract.ts";
import { listOutcomes, startMock } from "./mock.ts";

const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());
const call = caller(mock.url);
const servers = [{ ...contract.servers[0], url: mock.url }];

/** A document without what declares `Prefer`, which must be there. */
function withoutPrefer(served: unknown): unknown {
  const { paths, components, ...others } = asObject(served);
  const { Prefer, ...parameters } = asObject(asObject(components).parameters);
  assert.partialDeepStrictEqual(Prefer, { name: "Prefer", in: "header" });
  const undeclared = Object.entries(asObject(paths)).map(([path, item]) => {
    const { parameters, ...rest } = asObject(item);
    assert.ok(Array.isArray(parameters), path);
    const [declared, ...own] = parameters;
    assert.deepEqual(declared, { $ref: "#/components/parameters/Prefer" }, path);
    return [path, { ...rest, parameters: own }];
  });
  return {
    ...others,
    paths: Object.fromEntries(undeclared),
    components: { ...asObject(components), parameters },
  };
}

describe("The contract that the mock serves", () => {
  it("is the server's with the mock's address, and declares Prefer besides, as JSON", async () => {
    const { status, body } = await call("/openapi.json", { headers: {} });
    assert.equal(status, 200);
    assert.deepEqual(withoutPrefer(body), { ...contract, servers });
  });

  it("is the same as YAML, with its comments", async () => {
    const { headers, text } = await call("/openapi.yaml", { headers: {} });
    assert.match(headers.get("content-type") ?? "", /^application\/yaml/);
    assert.deepEqual(parseContract(text).document, (await call("/openapi.json", { headers: {} })).body);
    assert.equal(text.split("\n")[0], wutsContract.yaml.split("\n")[0]);
  });

  it("is the same in OpenAPI 3.0", async () => {
    const { body } = await call("/openapi-3.0.json", { headers: {} });
    assert.deepEqual(withoutPrefer(body), { ...asOpenApi30(contract), servers });
  });

  it("has the address that the mock was asked under", async () => {
    const { body } = await caller(mock.url.replace("127.0.0.1", "localhost"))("/openapi.json");
    assert.partialDeepStrictEqual(body, { servers: [{ url: mock.url.replace("127.0.0.1", "localhost") }] });
  });

  it("declares what Prefer takes: each outcome, and none that there cannot be", async () => {
    const { document } = parseContract((await call("/openapi.yaml")).text);
    const pattern = new Map(
      wutsContract.operations.map((operation) => {
        const declared = parametersIn(document, operation).filter(({ name }) => name === "Prefer");
        assert.deepEqual(
          declared.map((each) => [each.in, each.required]),
          [["header", undefined]],
          operation.operationId,
        );
        return [operation.operationId, new RegExp(String(asObject(declared[0]?.schema).pattern), "u")];
      }),
    );
    for (const { operationId, status, example } of listOutcomes())
      for (const prefer of [`code=${status}`, `example=${example}`, `code=${status}, example=${example}`])
        assert.match(prefer, pattern.get(operationId) ?? /^$/);
    for (const prefer of ["code=2000", "code=200 example=none", "example=", "return=minimal"])
      assert.doesNotMatch(prefer, pattern.get("listDevices") ?? /^/);
  });

  it("is the one that the API page shows", async () => {
    const { body } = await call("/docs/contract.json");
    assert.match(JSON.stringify(asObject(asObject(body).paths)["/devices"]), /"name":"Prefer"/);
  });

  it("is a draft, where there is one", async (t) => {
    const schema = { type: "object" };
    const content = { "application/json": { schema, examples: { contract: { value: {} } } } };
    const get = {
      ...{ operationId: "getContractJson", tags: ["people"], "x-role": "public", security: [] },
      responses: { 200: { description: "It.", content } },
    };
    const small = JSON.parse(smallContract({}));
    const draft = parseContract(JSON.stringify({ ...small, paths: { ...small.paths, "/here": { get } } }));
    const started = await startMock({ port: 0, contract: draft });
    t.onTestFinished(() => started.stop());
    const { body } = await caller(started.url)("/here", { headers: bearer });
    const { paths, servers, components } = asObject(body);
    assert.deepEqual(Object.keys(asObject(paths)), Object.keys(draft.document.paths));
    assert.deepEqual(servers, [{ url: started.url }]);
    assert.deepEqual(Object.keys(asObject(asObject(components).parameters)), ["Prefer"]);
  });
});
