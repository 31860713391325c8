import assert from "node:assert/strict";
import { wutsContract } from "@wuts/contract";
import fc from "fast-check";
import { describe, it } from "vitest";
import { kinds } from "../kinds.ts";
import { type DescribedRequest, requestsOf } from "../requests.ts";
import { isObject, object, schemasOf } from "../schemas.ts";
import { unsentSurroundings } from "../unsent-surroundings.ts";
import { validRequests, written } from "../valid.ts";
import type { WireRequest } from "../wire.ts";
import { bodyKinds } from "./wrong-bodies.ts";
import { parameterKinds } from "./wrong-parameters.ts";

const schemas = schemasOf(wutsContract.document);
const around = unsentSurroundings(schemas, {
  token: "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d",
  masterToken: "8d0c7f5e-1b2a-4c3d-9e8f-7a6b5c4d3e2f",
  metricsToken: "1c9e4b7a-5d2f-4a6b-8c3d-2e1f0a9b8c7d",
  lesserTokens: {
    user: "2a9c5b0e-6d1f-4e8a-b7c3-0f4d5e6a7b8c",
    manager: "5e7f1a2b-3c4d-4f5e-9a6b-7c8d9e0f1a2b",
  },
  // Room for the longest of all bodies, every character escaped.
  bodyLimit: () => 25_000,
});
const requests = requestsOf(wutsContract, schemas);

/** Whether a request says what the contract allows, judged by what is on the wire. */
function isAllowed({ target, body, headers }: WireRequest, described: DescribedRequest): boolean {
  const [path = "", ...query] = target.split("?");
  const parts = path.split("/");
  const items = [...new URLSearchParams(query.join("?"))];
  const inputs = described.inputs.map((input) => {
    const inPath = described.operation.path.split("/").indexOf(`{${input.name}}`);
    const given =
      input.in === "path"
        ? decoded(parts[inPath])
        : (input.in === "query" ? items : headers)
            .filter(([name]) => name === input.name)
            .map(([, text]) => text);
    return { ...input, given };
  });
  const known = new Set(inputs.filter((input) => input.in === "query").map(({ name }) => name));
  return (
    parts.length === described.operation.path.split("/").length &&
    items.every(([name]) => known.has(name)) &&
    inputs.every(({ given, required, schema }) => {
      if (given.length === 0) return !required;
      return given.length === 1 && means(given[0] ?? "").some((meaning) => schemas.isValid(schema, meaning));
    }) &&
    hasOneOf(described, items) &&
    isBodyAllowed(described, body, headers.find(([name]) => name === "Content-Type")?.[1])
  );
}

/** @returns what a part of a path says; nothing if it cannot be read */
function decoded(part = ""): string[] {
  try {
    return [decodeURIComponent(part)];
  } catch {
    return [];
  }
}

/** What a text in a URL may stand for, once it is decoded. */
function means(text: string): unknown[] {
  const other: unknown = /^[ \d.+-]*\d$|^true$|^false$/.test(text) ? tryJson(text) : undefined;
  return text === "" ? [] : [text, other];
}

function tryJson(text: string): unknown {
  try {
    return text.trim() === text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function hasOneOf({ operation }: DescribedRequest, items: readonly [string, string][]): boolean {
  const { requiresOneOf } = operation;
  return requiresOneOf.length === 0 || items.some(([name]) => requiresOneOf.includes(name));
}

function isBodyAllowed(
  { operation, body: described }: DescribedRequest,
  body: Buffer | undefined,
  type = "",
): boolean {
  if (!described) return body === undefined;
  if (!body || body.length > around.bodyLimit(operation)) return false;
  const isUtf8Json = /^application\/json(?:; charset="?utf-8"?)?$/i.test(type);
  const text = new TextDecoder("utf-8", { fatal: true });
  try {
    return isUtf8Json && schemas.isValid(described.schema, JSON.parse(text.decode(body)));
  } catch {
    return false;
  }
}

describe("Generated requests", () => {
  for (const described of requests) {
    const { operationId } = described.operation;

    it(`for ${operationId} are allowed when they are to be valid`, () => {
      fc.assert(
        fc.property(validRequests(described, around), (request) => {
          assert.ok(isAllowed(written(request, around), described));
        }),
      );
    });

    it(`for ${operationId} are not allowed when they are to be wrong`, () => {
      for (const [kind, makeWrong] of Object.entries({ ...parameterKinds, ...bodyKinds })) {
        // That UTF-16 is not allowed, its media type says.
        if (kind === "wrong encoding of the body") continue;
        for (const wrong of makeWrong(described, around))
          fc.assert(
            fc.property(wrong, ({ wire }) => {
              assert.ok(!isAllowed(wire, described));
            }),
            { numRuns: 30 },
          );
      }
    });
  }

  it("can be wrong in every way that there is", () => {
    for (const [kind, makeWrong] of Object.entries(kinds)) {
      assert.ok(
        requests.some((described) => makeWrong(described, around).length > 0),
        kind,
      );
    }
  });

  it("are wrong in their body where one is described, and only there", () => {
    for (const described of requests) {
      const isMade = Object.values(bodyKinds).map((makeWrong) => makeWrong(described, around).length > 0);
      assert.deepEqual([...new Set(isMade)], [described.body !== undefined]);
    }
  });

  it("hold what the contract shows of them, but not what leads to an error of ours", () => {
    const shown = requests.flatMap(({ inputs }) => inputs.flatMap(({ examples }) => examples));
    for (const value of ["5511999999999@s.whatsapp.net", "+55 (11) 99999-9999", "5511777777777", false])
      assert.ok(shown.includes(value), `${value}`);
    assert.ok(!shown.includes("5511000000000"));
  });
});

describe("The contract", () => {
  const amended = (change: (operation: Record<string, unknown>) => void) => {
    const document = structuredClone(wutsContract.document);
    const item: unknown = Reflect.get(document.paths, "/devices");
    const operation: unknown = isObject(item) ? item.post : undefined;
    assert.ok(isObject(operation));
    const changed = { ...operation };
    change(changed);
    const paths = { ...document.paths, "/devices": { ...object(item), post: changed } };
    return { ...wutsContract, document: { ...document, paths } };
  };

  for (const [what, change] of [
    ["a cookie", { parameters: [{ name: "a", in: "cookie", schema: { type: "string" } }] }],
    ["a list in a query", { parameters: [{ name: "a", in: "query", schema: { type: "array" } }] }],
    [
      "a style",
      { parameters: [{ name: "a", in: "query", style: "deepObject", schema: { type: "string" } }] },
    ],
    ["XML", { requestBody: { content: { "application/xml": { schema: {} } } } }],
  ] as const) {
    it(`is not read in silence when it has ${what} that requests cannot be made with`, () => {
      const contract = amended((operation) => Object.assign(operation, change));
      assert.throws(() => requestsOf(contract, schemasOf(contract.document)), /^Error: no /);
    });
  }
});
