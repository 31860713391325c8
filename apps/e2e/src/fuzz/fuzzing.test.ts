import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createWuts } from "@wuts/client";
import { type Contract, parseContract, wutsContract } from "@wuts/contract";
import type { Overrides } from "@wuts/server/compose";
import { describe, it, type TestContext } from "vitest";
import { makeFolder, someTokens, startServer } from "../support/worlds.ts";
import { createFuzz, type Fuzz, type FuzzOptions } from "./fuzzing.ts";
import { kinds } from "./kinds.ts";
import { isObject } from "./schemas.ts";

/** An operation that the contract does not have, with everything that a request can have. */
const addNote = `
  /notes/{note_id}:
    parameters:
      - { name: note_id, in: path, required: true, schema: { type: string, pattern: "^n[0-9]{1,3}$" } }
    put:
      operationId: addNote
      tags: [system]
      x-role: manager
      x-requires-one-of: [red, blue]
      parameters:
        - { name: red, in: query, schema: { type: integer, minimum: 0, maximum: 255 } }
        - { name: blue, in: query, schema: { type: string, minLength: 3, maxLength: 8 } }
        - { name: kind, in: query, required: true, schema: { type: string, enum: [a, b] } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [lines]
              properties:
                lines:
                  type: array
                  maxItems: 3
                  items:
                    type: object
                    additionalProperties: false
                    required: [text]
                    properties:
                      text: { type: string, maxLength: 20, pattern: "^[^\\\\u0000]*$" }
                      weight: { type: [number, "null"], minimum: -1.5, maximum: 1.5 }
      responses:
        "200":
          description: It is noted.
          headers:
            X-Request-Id: { $ref: "#/components/headers/RequestId" }
          content:
            application/json:
              schema:
                type: object
                additionalProperties: false
                required: [success, data]
                properties: { success: { const: true }, data: { type: object, additionalProperties: true } }
        "400": { $ref: "#/components/responses/ValidationError" }
        "401": { $ref: "#/components/responses/Unauthorized" }
        "403": { $ref: "#/components/responses/Forbidden" }
        "413": { $ref: "#/components/responses/PayloadTooLarge" }
        "415": { $ref: "#/components/responses/UnsupportedMediaType" }
        "500": { $ref: "#/components/responses/InternalError" }

components:
`;

const contract = contractWith(addNote);

function contractWith(operation: string): Contract {
  return parseContract(wutsContract.yaml.replace("\ncomponents:\n", () => operation));
}

const noted = (input: unknown) => ({ status: 200, data: { input: JSON.stringify(input) } });

/** A server that enforces a contract, and has this handler for the additional operation. */
async function startWith(t: TestContext, enforced: Contract, handler: (input: unknown) => unknown) {
  const { folder, remove } = await makeFolder();
  t.onTestFinished(remove);
  const handlers: object = { addNote: handler };
  const overrides: Overrides = { contract: enforced, handlers };
  const settings = { WUTS_MASTER_TOKEN: randomUUID() };
  const place = await startServer(folder, settings, overrides);
  t.onTestFinished(() => place.stop());
  const wuts = createWuts({ baseUrl: place.url, token: place.token });
  const newUser = { email: "ana@example.com", role: "user" } as const;
  const { token } = await wuts.users.create(newUser);
  return { ...place, lesserTokens: { user: token } };
}

/** Requests for the additional operation; of the others only one that always succeeds is known. */
function fuzzOf(
  {
    lesserTokens = { user: randomUUID() },
    ...place
  }: FuzzOptions["place"] & Pick<FuzzOptions, "lesserTokens">,
  more: Partial<FuzzOptions> = {},
): Fuzz {
  const operations = contract.operations.filter(({ operationId }) =>
    ["addNote", "listDevices"].includes(operationId),
  );
  const known = { ...contract, operations };
  return createFuzz({
    contract: known,
    place,
    lesserTokens,
    cases: 600,
    seed: 1,
    bodyLimit: () => 102_400,
    ...more,
  });
}

/** The texts in what a handler gets. */
function textsIn(input: unknown): string[] {
  if (typeof input === "string") return [input];
  return Array.isArray(input) || isObject(input) ? Object.values(input).flatMap(textsIn) : [];
}

describe("An operation that is new in the contract", () => {
  it("gets valid and wrong requests without a line of code, and they reach its handler as they should", async (t) => {
    const taken = new Set<string>();
    const place = await startWith(t, contract, (input) => {
      for (const text of textsIn(input)) taken.add(text);
      return noted(input);
    });
    const fuzz = fuzzOf(place);
    await fuzz.sendValid("addNote");
    assert.ok(taken.size > 20);
    await fuzz.sendWrong("addNote");
    const { valid, wrong, kinds } = fuzz.tally;
    assert.ok((valid.addNote ?? 0) > 30 && (wrong.addNote ?? 0) > 50);
    assert.deepEqual(
      Object.keys(kinds).filter((kind) => kinds[kind] === 0),
      [],
    );
  });
});

describe("A server with a bug", () => {
  const buggy: Readonly<Record<string, (input: unknown) => unknown>> = {
    "throws for some texts": (input) => {
      if (textsIn(input).some((text) => text.length > 12)) throw new Error("too long for me");
      return noted(input);
    },
    "answers what is not described": (input) => ({ ...noted(input), data: "noted" }),
  };
  for (const [what, handler] of Object.entries(buggy)) {
    it(`is seen when it ${what}, with a command that shows it`, async (t) => {
      const place = await startWith(t, contract, handler);
      await assert.rejects(fuzzOf(place).sendValid("addNote"), (error: Error) => {
        assert.match(error.message, /500 \{"success":false/);
        assert.match(error.message, /printf 'PUT \/notes\/.*"\$TOKEN" \| nc/);
        assert.ok(!error.message.includes(place.token));
        return true;
      });
    });
  }

  const loosened: readonly (readonly [what: string, from: string, to: string, kind: string])[] = [
    ["no longer limits a number", "maximum: 255", "maximum: 1000000", "too large"],
    ["no longer limits a text", "maxLength: 20, ", "", "very long"],
    ["takes NUL", ', pattern: "^[^\\\\u0000]*$"', "", "NUL"],
    [
      "takes any field",
      "additionalProperties: false\n                    required: [text]",
      "required: [text]",
      "surplus field",
    ],
    ["needs no field", "required: [text]", "required: []", "missing"],
    ["needs no parameter", "x-requires-one-of: [red, blue]", "x-requires-one-of: []", "missing"],
    [
      "takes any id",
      'schema: { type: string, pattern: "^n[0-9]{1,3}$" }',
      "schema: { type: string }",
      "path traversal",
    ],
    ["takes numbers for texts", "text: { type: string,", "text: { type: [string, number],", "wrong type"],
    [
      "takes a caller without a token",
      "x-role: manager\n      x-req",
      "x-role: public\n      security: []\n      x-req",
      "no token",
    ],
    ["takes anybody", "x-role: manager\n", "x-role: user\n", "role too low"],
  ];
  for (const [what, from, to, kind] of loosened) {
    it(`is seen when it ${what}`, async (t) => {
      assert.ok(addNote.includes(from));
      const place = await startWith(t, contractWith(addNote.replace(from, () => to)), noted);
      const without = Object.keys(kinds).filter((other) => other !== kind);
      await assert.rejects(fuzzOf(place, { cases: 100, without }).sendWrong("addNote"), (error: Error) => {
        const [problem = ""] = error.message
          .split("\n\n")
          .filter((each) => each.includes(`addNote, ${kind}: `));
        // What is answered may have any character in it, line separators too.
        assert.match(
          problem,
          /Got AssertionError \[ERR_ASSERTION\]: (?:200 .*, not 40[013]|400 .*, not 401)/s,
        );
        return true;
      });
    });
  }

  it("is seen when it never answers what it should refuse", async (t) => {
    const hanging = contractWith(addNote.replace("maximum: 255", "maximum: 1000000"));
    const place = await startWith(t, hanging, () => new Promise(() => undefined));
    const without = Object.keys(kinds).filter((kind) => kind !== "too large");
    const fuzz = fuzzOf(place, { deadlineMs: 50, cases: 20, without });
    await assert.rejects(fuzz.sendWrong("addNote"), /no answer after 50 ms/);
  });
});

describe("A server that", () => {
  const refusal = (request_id: string) =>
    JSON.stringify({
      success: false,
      error: "no",
      error_code: "VALIDATION_ERROR",
      timestamp: new Date().toISOString(),
      request_id,
      validation: [{ field: "a", message: "b" }],
    });
  const answer =
    (listener: RequestListener) =>
    async (t: TestContext): Promise<FuzzOptions["place"]> => {
      const server = createServer(listener).listen(0, "127.0.0.1");
      t.onTestFinished(() => {
        server.closeAllConnections();
        server.close();
      });
      await once(server, "listening");
      const address = server.address();
      assert.ok(typeof address === "object" && address);
      return { url: `http://127.0.0.1:${address.port}`, ...someTokens() };
    };
  const without = Object.keys(kinds).filter((kind) => kind !== "surplus parameter");
  const json = { "Content-Type": "application/json" };
  const idOf: (...of: Parameters<RequestListener>) => string = ({ headers }) =>
    String(headers["x-request-id"]);

  for (const [what, listener, message] of [
    [
      "closes the connection without an answer",
      (request) => request.socket.destroy(),
      /the connection was closed/,
    ],
    [
      "refuses in an envelope of its own",
      (request, response) => {
        response.writeHead(400, { ...json, "X-Request-Id": idOf(request, response) }).end("{}");
      },
      /not as described|ValidationError|MethodNotAllowed/,
    ],
    [
      "answers another request's id",
      (_request, response) => {
        response.writeHead(400, { ...json, "X-Request-Id": "other" }).end(refusal("other"));
      },
      /X-Request-Id is the one that was sent/,
    ],
    [
      "refuses a good request afterwards, too",
      (request, response) => {
        const id = idOf(request, response);
        response.writeHead(400, { ...json, "X-Request-Id": id }).end(refusal(id));
      },
      /then a good request is answered 400/,
    ],
  ] satisfies [string, RequestListener, RegExp][]) {
    it(`${what} is seen`, async (t) => {
      const fuzz = fuzzOf(await answer(listener)(t), { cases: 100, without });
      await assert.rejects(fuzz.sendWrong("addNote"), message);
    });
  }
});
