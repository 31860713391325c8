import assert from "node:assert/strict";
import {
  type OperationDescription,
  operations,
  contract as published,
  type ResponseDescription,
  strictView,
} from "@wuts/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, describe, it } from "vitest";
import { token } from "../../test/call.ts";
import { startMock } from "../mock.ts";

const contract = strictView(published);
const mock = await startMock({ port: 0 });
afterAll(() => mock.stop());

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(structuredClone(contract), "contract");

describe("Prefer", () => {
  for (const operation of operations) {
    for (const response of operation.responses) {
      for (const example of response.examples) {
        it(`code=${response.status}, example=${example} of ${operation.operationId}`, async () => {
          const answer = await prefer(operation, `code=${response.status}, example=${example}`);
          assert.equal(answer.status, response.status);
          await isDocumented(answer, operation, response);
        });

        it(`example=${example} of ${operation.operationId}, without a code`, async () => {
          const answer = await prefer(operation, `example=${example}`);
          const answers: readonly ResponseDescription[] = operation.responses;
          const first = answers.find(({ examples }) => examples.includes(example));
          assert.equal(answer.status, first?.status);
        });
      }

      it(`code=${response.status} of ${operation.operationId}, without an example`, async () => {
        const answer = await prefer(operation, `code=${response.status}`, {
          Accept: response.contentType ?? "*/*",
        });
        assert.equal(answer.status, response.status);
        await isDocumented(answer, operation, response);
      });
    }

    it(`naming nothing documented of ${operation.operationId} is refused, with the list of what is`, async () => {
      for (const wrong of ["code=299", "example=no-such-example", "code=200, example=internal-error"]) {
        const answer = await prefer(operation, wrong);
        const text = await answer.text();
        assert.equal(answer.status, 400);
        assert.partialDeepStrictEqual(JSON.parse(text), {
          error_code: "VALIDATION_ERROR",
          validation: [{ field: "Prefer" }],
        });
        for (const { status, examples } of operation.responses) {
          for (const example of examples) {
            assert.ok(text.includes(`code=${status}, example=${example}`));
          }
        }
      }
    });
  }

  it("answers bytes, which are in base64 in the contract", async () => {
    const headers = { Authorization: `Bearer ${token}`, Prefer: "code=206" };
    const answer = await fetch(`${mock.url}/contacts/profile-picture/image`, { headers });
    assert.equal(Buffer.from(await answer.bytes()).toString("hex"), "ffd8ffe0");
  });

  it("tells examples of the same status apart", async () => {
    const url = `${mock.url}/contacts/profile-picture`;
    for (const [example, code] of [
      ["picture-hidden", "PICTURE_HIDDEN"],
      ["not-on-whatsapp", "NOT_ON_WHATSAPP"],
    ]) {
      const headers = { Authorization: `Bearer ${token}`, Prefer: `code=404, example=${example}` };
      assert.partialDeepStrictEqual(await (await fetch(url, { headers })).json(), { error_code: code });
    }
  });

  it("ignores other preferences, and takes semicolons and quotes", async () => {
    const headers = { Authorization: token };
    const other = await fetch(`${mock.url}/devices`, { headers: { ...headers, Prefer: "return=minimal" } });
    assert.equal(other.status, 200);
    const quoted = await fetch(`${mock.url}/devices`, {
      headers: { ...headers, Prefer: 'example="none"; code=200' },
    });
    assert.deepEqual(await quoted.json(), { success: true, data: { items: [], next_cursor: null } });
  });
});

describe("Accept", () => {
  const lookUp = (accept: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${mock.url}/contacts/profile-pictures`, {
      method: "POST",
      headers: { Authorization: token, Accept: accept, "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const numbers = ["5511888888888", "5511999999999"];

  for (const accept of ["application/x-ndjson", "application/x-ndjson;q=0.9, application/json;q=0.1"]) {
    it(`gets lines, each in the envelope, for ${accept}`, async () => {
      const answer = await lookUp(accept, { numbers });
      assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "application/x-ndjson"]);
      const lines = (await answer.text()).trimEnd().split("\n");
      assert.equal(lines.length, 2);
      for (const line of lines) assert.partialDeepStrictEqual(JSON.parse(line), { success: true, data: {} });
    });
  }

  for (const accept of ["*/*", "application/json", "application/json, application/x-ndjson", "text/html"]) {
    it(`gets one piece for ${accept}`, async () => {
      const answer = await lookUp(accept, { numbers });
      assert.partialDeepStrictEqual(await answer.json(), { success: true, data: { items: [{}, {}] } });
    });
  }

  it("does not change errors", async () => {
    const answer = await lookUp("application/x-ndjson", { numbers: [] });
    assert.equal(answer.status, 400);
    assert.partialDeepStrictEqual(await answer.json(), { error_code: "VALIDATION_ERROR" });
  });

  it("gets an error as the last line, with the id of the request", async () => {
    const body = { jids: ["120363039000000000@g.us"], numbers: ["5511000000000"] };
    const answer = await lookUp("application/x-ndjson", body, { "X-Request-Id": "mine" });
    const last: unknown = JSON.parse((await answer.text()).trimEnd().split("\n").at(-1) ?? "");
    assert.partialDeepStrictEqual(last, {
      success: false,
      error_code: "INTERNAL_ERROR",
      request_id: "mine",
    });
  });
});

/** Sends a request that is wrong in all else: no parameters, no body, an id that is none. */
function prefer(
  { method, path }: OperationDescription,
  preference: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(mock.url + path.replaceAll(/\{\w+\}/g, "no-uuid"), {
    method: method.toUpperCase(),
    headers: { Authorization: `Bearer ${token}`, Prefer: preference, ...headers },
  });
}

async function isDocumented(
  answer: Response,
  { path, method, ndjsonItem }: OperationDescription,
  { status, contentType, lines, errorCodes }: ResponseDescription,
): Promise<void> {
  assert.equal(answer.headers.get("content-type")?.split(";")[0] ?? null, contentType);
  const text = await answer.text();
  if (contentType === null) {
    assert.equal(text, "");
    return;
  }
  if (lines) {
    const validate = ajv.compile({ $ref: `contract#/components/schemas/${ndjsonItem}` });
    for (const one of text.trimEnd().split("\n"))
      assert.ok(validate(JSON.parse(one)), JSON.stringify(validate.errors));
    return;
  }
  const body: unknown = contentType === "application/json" ? JSON.parse(text) : text;
  const pointer = ["paths", path, method, "responses", `${status}`].map(escaped).join("/");
  const validate = ajv.compile({ $ref: `contract#/${schemaPointer(pointer, contentType)}` });
  assert.ok(validate(body), JSON.stringify(validate.errors));
  if (status < 400) return;
  assert.ok(typeof body === "object" && body !== null && "error_code" in body && "request_id" in body);
  assert.ok(errorCodes.some((code) => code === body.error_code));
  assert.equal(body.request_id, answer.headers.get("x-request-id"));
  if (status === 429 || status === 503) assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
}

/** Where the schema of a response is; the response itself may be a reference. */
function schemaPointer(response: string, contentType: string): string {
  const found = response.split("/").reduce<unknown>(property, contract);
  const reference = property(found, "$ref");
  const pointer = typeof reference === "string" ? reference.replace("#/", "") : response;
  return `${pointer}/content/${escaped(contentType)}/schema`;
}

function property(value: unknown, key: string): unknown {
  assert.ok(typeof value === "object" && value !== null);
  return Object.entries(value).find(([name]) => escaped(name) === key)?.[1];
}

function escaped(key: string): string {
  return key.replaceAll("/", "~1");
}
