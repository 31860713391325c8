import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { contract, type OperationDescription, operations, type ResponseDescription } from "@wuts/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { token } from "../test/call.ts";
import { startMock } from "./mock.ts";

const mock = await startMock({ port: 0 });
after(() => mock.stop());

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
        const answer = await prefer(operation, `code=${response.status}`);
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

/** Sends a request that is wrong in all else: no parameters, no body, an id that is none. */
function prefer({ method, path }: OperationDescription, preference: string): Promise<Response> {
  return fetch(mock.url + path.replaceAll(/\{\w+\}/g, "no-uuid"), {
    method: method.toUpperCase(),
    headers: { Authorization: `Bearer ${token}`, Prefer: preference },
  });
}

async function isDocumented(
  answer: Response,
  { path, method }: OperationDescription,
  { status, contentType, errorCodes }: ResponseDescription,
): Promise<void> {
  assert.equal(answer.headers.get("content-type")?.split(";")[0] ?? null, contentType);
  const text = await answer.text();
  if (contentType === null) {
    assert.equal(text, "");
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
