import assert from "node:assert/strict";
import { contract, type OperationDescription } from "@wuts/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Answer } from "./ask.ts";

/** Asserts that an answer is what the contract says of this operation and status: content type, headers, body. */
export function assertDescribed(answer: Answer, operation: OperationDescription): void {
  const { path, method, operationId, responses } = operation;
  const described = responses.find(({ status }) => status === answer.status);
  assert.ok(described, `${operationId} describes no ${answer.status}`);
  assert.equal(answer.contentType, described.contentType);
  const response = follow(["paths", path, method, "responses", `${answer.status}`]);
  assertHeaders(answer, response);
  assertValid(answer.body, [...response, "content", described.contentType, "schema"], "the body");
  assert.equal(answer.headers.get("x-request-id"), answer.requestId, "X-Request-Id is the one that was sent");
  if (isObject(answer.body) && "request_id" in answer.body) {
    assert.equal(answer.body.request_id, answer.requestId, "request_id is X-Request-Id");
  }
}

function assertHeaders(answer: Answer, response: readonly string[]): void {
  for (const name of Object.keys(valueAt([...response, "headers"]))) {
    const header = follow([...response, "headers", name]);
    const value = answer.headers.get(name);
    if (value === null) {
      assert.notEqual(Reflect.get(valueAt(header), "required"), true, `the header ${name} is missing`);
    } else {
      assertValid(value, [...header, "schema"], `the header ${name}`);
    }
  }
}

const strict = new Ajv2020({ strict: false, allErrors: true });
/** Headers are texts, whatever their schema says. */
const coercing = new Ajv2020({ strict: false, allErrors: true, coerceTypes: true });
for (const ajv of [strict, coercing]) {
  addFormats.default(ajv);
  ajv.addSchema(structuredClone(contract), "contract");
}

function assertValid(value: unknown, schema: readonly string[], what: string): void {
  const ajv = what === "the body" ? strict : coercing;
  const reference = `contract#/${schema.map((key) => key.replaceAll("/", "~1")).join("/")}`;
  const validate = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
  assert.ok(validate(value), `${what} is not as described: ${ajv.errorsText(validate.errors)}`);
}

/** The path of what is described at `path`, behind its reference if there is one. */
function follow(path: readonly string[]): readonly string[] {
  const reference: unknown = Reflect.get(valueAt(path), "$ref");
  return typeof reference === "string" ? follow(reference.replace("#/", "").split("/")) : path;
}

function valueAt(path: readonly string[]): object {
  return path.reduce<object>((parent, key) => {
    const value: unknown = Reflect.get(parent, key);
    assert.ok(isObject(value), `the contract has nothing at ${path.join(" ")}`);
    return value;
  }, contract);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
