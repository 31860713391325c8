import assert from "node:assert/strict";
import { contract, type OpenApiDocument, type OperationDescription, strictView } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Answer } from "./ask.ts";

/** Compares answers with what one contract says. */
export interface Described {
  /** Asserts that an answer is what the contract says of this operation and status: content type, headers, body. */
  assertDescribed(answer: Answer, operation: OperationDescription): void;
  /** Asserts that an answer is an error that the contract describes for requests which are for no operation. */
  assertDescribedForNone(answer: Answer): void;
}

/** Asserts that an answer is what our contract says of this operation and status: content type, headers, body. */
export function assertDescribed(answer: Answer, operation: OperationDescription): void {
  ours.assertDescribed(answer, operation);
}

/** @param described a contract, references kept; answers are held against its strict view */
export function describedBy(described: OpenApiDocument): Described {
  const document = strictView(described);
  const strict = validatorOf(document, false);
  // Headers are texts, whatever their schema says.
  const coercing = validatorOf(document, true);

  function assertValid(value: unknown, schema: readonly string[], what: string): void {
    const ajv = what === "the body" ? strict : coercing;
    const reference = `contract#/${schema.map((key) => key.replaceAll("/", "~1")).join("/")}`;
    const validate = ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
    assert.ok(validate(value), `${what} is not as described: ${ajv.errorsText(validate.errors)}`);
  }

  // What is described for one answer is described for every answer that has it. `Cache-Control` is on all answers, and described where
  // it is not the usual one.
  const headersSomewhere = headerNamesIn(document).filter((name) => name !== "cache-control");

  function assertHeaders(answer: Answer, response: readonly string[]): void {
    const here = Object.keys(valueAt(document, response)).includes("headers")
      ? Object.keys(valueAt(document, [...response, "headers"])).map((name) => name.toLowerCase())
      : [];
    const undescribed = headersSomewhere.filter((name) => answer.headers.has(name) && !here.includes(name));
    assert.deepEqual(undescribed, [], "headers that the contract describes for other answers only");
    for (const name of Object.keys(valueAt(document, [...response, "headers"]))) {
      const header = follow(document, [...response, "headers", name]);
      const value = answer.headers.get(name);
      const onlyWith: unknown = Reflect.get(valueAt(document, header), "x-only-with");
      if (Array.isArray(onlyWith)) {
        const isDue = onlyWith.includes(Reflect.get(Object(answer.body), "error_code"));
        assert.equal(
          value !== null,
          isDue,
          `the header ${name} comes with ${onlyWith.join()} only, and always`,
        );
      }
      if (value === null) {
        const isRequired = Reflect.get(valueAt(document, header), "required");
        assert.notEqual(isRequired, true, `the header ${name} is missing`);
      } else {
        assertValid(value, [...header, "schema"], `the header ${name}`);
      }
    }
  }

  function assertResponse(answer: Answer, response: readonly string[]): void {
    assertHeaders(answer, response);
    // What has no body has been found to be of no type.
    if (answer.contentType === "") {
      assert.equal(answer.text, "", "there is no body");
      return;
    }
    const schema = follow(document, [...response, "content", answer.contentType, "schema"]);
    if (answer.contentType === linesType)
      for (const line of linesIn(answer)) assertValid(line, [...schema, "contentSchema"], "the body");
    else assertValid(answer.body, schema, "the body");
  }

  return {
    assertDescribed(answer, { path, method, operationId, responses }) {
      const described = responses.filter(({ status }) => status === answer.status);
      assert.ok(described.length > 0, `${operationId} describes no ${answer.status}`);
      const types = described.map(({ contentType }) => contentType ?? "");
      assert.ok(types.includes(answer.contentType), `${answer.contentType} is none of ${types.join()}`);
      assertResponse(answer, follow(document, ["paths", path, method, "responses", `${answer.status}`]));
      assertRequestId(answer);
    },

    assertDescribedForNone(answer) {
      const paths = JSON.stringify(document.paths);
      const problems = Object.keys(valueAt(document, ["components", "responses"]))
        .filter((name) => !paths.includes(`"#/components/responses/${name}"`))
        .map((name) => problemOf(() => assertResponse(answer, ["components", "responses", name])));
      assert.ok(problems.includes(undefined), `${answer.status} ${answer.text}: ${problems.join("; ")}`);
      assertRequestId(answer);
    },
  };
}

const ours = describedBy(contract);

/** @returns the names of all headers of answers, in lower case */
function headerNamesIn(document: OpenApiDocument): string[] {
  const names = new Set<string>();
  const look = (node: unknown, key = ""): void => {
    if (!isObject(node)) return;
    if (key === "headers") for (const name of Object.keys(node)) names.add(name.toLowerCase());
    for (const [name, value] of Object.entries(node)) look(value, name);
  };
  look([document.paths, Reflect.get(document.components, "responses")]);
  return [...names];
}

function validatorOf(document: OpenApiDocument, coerceTypes: boolean): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes });
  addFormats.default(ajv);
  return ajv.addSchema(structuredClone(document), "contract");
}

function assertRequestId({ headers, body, requestId }: Answer): void {
  assert.equal(headers.get("x-request-id"), requestId, "X-Request-Id is the one that was sent");
  for (const part of [body].flat()) {
    if (!isObject(part) || !("request_id" in part)) continue;
    assert.equal(part.request_id, requestId, "request_id is X-Request-Id");
  }
}

function linesIn({ body }: Answer): readonly unknown[] {
  assert.ok(Array.isArray(body) && body.length > 0, "there are lines");
  return body;
}

function problemOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}

/** The path of what is described at `path`, behind its reference if there is one. */
function follow(document: OpenApiDocument, path: readonly string[]): readonly string[] {
  const reference: unknown = Reflect.get(valueAt(document, path), "$ref");
  return typeof reference === "string" ? follow(document, reference.replace("#/", "").split("/")) : path;
}

function valueAt(document: OpenApiDocument, path: readonly string[]): object {
  return path.reduce<object>((parent, key) => {
    const value: unknown = Reflect.get(parent, key);
    assert.ok(isObject(value), `the contract has nothing at ${path.join(" ")}`);
    return value;
  }, document);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
