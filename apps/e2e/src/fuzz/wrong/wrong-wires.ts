import { METHODS } from "node:http";
import fc from "fast-check";
import { type Surroundings, targetOf, type ValidRequest } from "../valid.ts";
import { inserted } from "../values.ts";
import type { WireRequest } from "../wire.ts";
import {
  type Kind,
  operationsAt,
  rewritten,
  spoiled,
  type WrongRequest,
  withHeader,
  withItem,
} from "./wrong.ts";

/** What can be wrong about a request before anybody asks what it says. */
export const wireKinds: Readonly<Record<string, Kind>> = {
  "wrong method": (described, around) =>
    spoiled(described, around, (request) => {
      const [path = ""] = targetOf(request).split("?");
      const named = operationsAt(path, around.operations).map(({ method }) => method.toUpperCase());
      // Wherever GET works, HEAD does.
      const right = named.includes("GET") ? [...named, "HEAD"] : named;
      const others = METHODS.filter((method) => !right.includes(method));
      return fc.constantFrom(...others, "FOO", described.operation.method).map((method) => ({
        wire: rewritten({ ...request, body: undefined }, around, () => ({ method })),
        why: `the method is ${method}`,
        ...(METHODS.includes(method) ? { statuses: [405] } : { statuses: [400, 405], unreadable: true }),
      }));
    }),

  "unknown path": (described, around) =>
    spoiled(described, around, (request) =>
      fc
        .tuple(fc.constantFrom(...otherPaths), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([change, where]) => {
          const wire = rewritten(request, around);
          const [path = "", ...query] = wire.target.split("?");
          const other = change(path, where);
          // A part of the path that may be anything is wrong by itself when it is not what it must be.
          if (operationsAt(other, around.operations).length > 0) return undefined;
          const target = [other, ...query].join("?");
          return { wire: { ...wire, target }, why: `the path is ${other}`, statuses: [404] };
        }),
    ),

  "very long URL": (described, around) =>
    spoiled(described, around, (request) =>
      fc.tuple(fc.constantFrom(17_000, 70_000, 200_000), fc.boolean()).map(([length, inPath]) =>
        unreadable(request, around, `the URL has ${length} characters`, ({ target }) => ({
          target: inPath ? `/${"x".repeat(length)}` : withItem(target, `x=${"x".repeat(length)}`),
        })),
      ),
    ),

  "very long header": (described, around) =>
    spoiled(described, around, (request) =>
      fc
        .constantFrom(
          ["one header of 17,000 characters", [["X-Long", "x".repeat(17_000)]]] as const,
          ["one header of 200,000 characters", [["X-Long", "x".repeat(200_000)]]] as const,
          ["a header whose name has 17,000 characters", [["X".repeat(17_000), "x"]]] as const,
          ["a token of 17,000 characters", [["Authorization", `Bearer ${"x".repeat(17_000)}`]]] as const,
          ["3,000 headers", Array<[string, string]>(3_000).fill(["X-One-Of-Many", "x"])] as const,
        )
        .map(([what, more]) =>
          unreadable(request, around, what, ({ headers }) => ({ headers: [...headers, ...more] })),
        ),
    ),

  "malformed header": (described, around) =>
    spoiled(described, around, (request) =>
      fc.oneof(
        fc.constant(
          unreadable(request, around, "no Host", (wire) => ({
            headers: withHeader(wire, "Host", undefined),
          })),
        ),
        fc
          .constantFrom(
            ["X-Odd", "a\0b"],
            ["X-Odd", "a\u0001b"],
            ["X-Odd", "a\rb"],
            ["X Odd", "a"],
            ["", "a"],
            ["X\0", "a"],
          )
          .map(([name = "", value = ""]) =>
            unreadable(request, around, `the header ${JSON.stringify([name, value])}`, ({ headers }) => ({
              headers: [...headers, [name, value]],
            })),
          ),
      ),
    ),

  "broken framing": (described, around) =>
    spoiled(described, around, (request) => {
      const headers = fc
        .constantFrom<readonly (readonly [string, string])[]>(
          [["Content-Length", "-1"]],
          [["Content-Length", "x"]],
          [["Content-Length", "1, 2"]],
          [["Content-Length", "99999999999999999999"]],
          [
            ["Content-Length", "2"],
            ["Content-Length", "3"],
          ],
          [
            ["Content-Length", "2"],
            ["Transfer-Encoding", "chunked"],
          ],
          [["Transfer-Encoding", "identity"]],
          [["Transfer-Encoding", "chunked, gzip"]],
        )
        .map((more) =>
          unreadable(request, around, JSON.stringify(more), (wire) => ({
            headers: [...wire.headers, ...more],
            framing: "headers",
            body: Buffer.from("{}"),
          })),
        );
      if (!described.body) return headers;
      const chunks = fc
        .constantFrom("ZZ\r\n{}\r\n0\r\n\r\n", "2\r\n{}}}}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n")
        .map((body) =>
          unreadable(request, around, `the chunks ${JSON.stringify(body)}`, (wire) => ({
            headers: [...withHeader(wire, "Transfer-Encoding", "chunked")],
            framing: "headers",
            body: Buffer.from(body),
          })),
        );
      return fc.oneof(headers, chunks);
    }),

  "raw bytes in the URL": (described, around) =>
    spoiled(described, around, (request) =>
      fc
        .tuple(fc.constantFrom("\0", "\u0001", "\u001f", "\u007f", "\u00ff", "\u00c0\u00af"), fc.boolean())
        .map(([bytes, inPath]) =>
          unreadable(request, around, `the bytes ${JSON.stringify(bytes)} are in the URL`, ({ target }) => ({
            target: inPath ? inserted(target, bytes, 0.5) : withItem(target, `x=${bytes}`),
          })),
        ),
    ),
};

const otherPaths: readonly ((path: string, where: number) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}/x`,
  (path) => `${path}x`,
  (path) => `${path}%00`,
  (path) => `${path}%2f`,
  (path) => `${path}.json`,
  (path) => `${path};a=b`,
  (path) => `${path}/..`,
  (path) => `/.${path}`,
  (path) => `/..${path}`,
  (path) => `/%2e%2e${path}`,
  (path) => `/v1${path}`,
  (path) => path.replaceAll("/", "%2f").replace("%2f", "/"),
  (path) => path.toUpperCase(),
  (path, where) => inserted(path.slice(1), "_", where).replace(/^/, "/"),
  () => "/",
  () => "/__proto__",
  () => "/constructor",
  () => "/etc/passwd",
  () => "/nothing/%ZZ",
  () => "/nothing/%FF",
  () => "*",
];

/** What Node's parser refuses before it is a request. */
function unreadable(
  request: ValidRequest,
  around: Surroundings,
  why: string,
  parts: (wire: WireRequest) => Partial<WireRequest>,
): WrongRequest {
  return { wire: rewritten(request, around, parts), why, statuses: [400, 413], unreadable: true };
}
