import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { jsonPlaces } from "../places.ts";
import type { Surroundings, ValidRequest } from "../valid.ts";
import { inserted } from "../values.ts";
import { type Kind, rewritten, spoiled, type WrongRequest, withHeader } from "./wrong.ts";

/** What can be wrong about how a body is written. */
export const bodyKinds: Readonly<Record<string, Kind>> = {
  "oversized body": (described, around) =>
    spoiled(described, around, (request) =>
      fc.constantFrom(1, 2, 1_000, 300_000).map((surplus) =>
        withBody(request, around, `the body is ${surplus} bytes over the limit`, [413], (json) => ({
          body: Buffer.from(
            json + " ".repeat(around.bodyLimit(described.operation) + surplus - Buffer.byteLength(json)),
          ),
        })),
      ),
    ),

  "malformed JSON": (described, around) =>
    spoiled(described, around, (request) =>
      fc
        .tuple(fc.constantFrom(...waysToBreakJson), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([breakIt, where]) => {
          const broken = breakIt(JSON.stringify(request.body) ?? "", where);
          if (isJson(broken)) return undefined;
          return withBody(request, around, `the body is ${broken}`, [400], () => ({
            body: Buffer.from(broken),
          }));
        }),
    ),

  "deep nesting": (described, around) =>
    spoiled(described, around, (request) => {
      const places = jsonPlaces(request, around.schemas).filter(
        ({ allows }) => !allows([[]]) && !allows({ a: {} }),
      );
      if (places.length === 0) return fc.constant(undefined);
      const most = Math.floor(around.bodyLimit(described.operation) / 12);
      const depths = fc.constantFrom(100, Math.min(5_000, most), most);
      return fc.tuple(fc.constantFrom(...places), depths, fc.boolean()).map(([place, depth, isList]) => {
        const deep = isList
          ? "[".repeat(depth) + "]".repeat(depth)
          : `${'{"a":'.repeat(depth)}0${"}".repeat(depth)}`;
        const mark = "0f0f0f0f0f0f0f0f";
        const json = JSON.stringify(place.with(mark).body).replace(`"${mark}"`, deep);
        return withBody(request, around, `${place.name} is ${depth} levels deep`, [400], () => ({
          body: Buffer.from(json),
        }));
      });
    }),

  "wrong content type": (described, around) =>
    spoiled(described, around, (request) =>
      fc.constantFrom(...otherContentTypes).map((contentType) =>
        withBody(
          request,
          around,
          `the content type is ${contentType ?? "missing"}`,
          [415],
          (json, headers) => ({
            body: Buffer.from(json),
            headers: withHeader({ ...rewritten(request, around), headers }, "Content-Type", contentType),
          }),
        ),
      ),
    ),

  "wrong encoding of the body": (described, around) =>
    spoiled(described, around, (request) =>
      fc.oneof(
        fc
          .tuple(fc.constantFrom(...noUtf8), fc.double({ min: 0, max: 1, noNaN: true }))
          .map(([bytes, where]) => withBytes(request, around, bytes, where)),
        fc.constantFrom("utf-16", "utf-16le", "utf-32", "utf-7", "iso-8859-1", "klingon").map((charset) =>
          withBody(request, around, `the charset is ${charset}`, [400, 415], (json, headers) => ({
            body: Buffer.from(json, charset.startsWith("utf-16") ? "utf16le" : "utf8"),
            headers: withHeader(
              { ...rewritten(request, around), headers },
              "Content-Type",
              `application/json; charset=${charset}`,
            ),
          })),
        ),
        fc.constantFrom("gzip", "deflate", "br", "snappy").map((encoding) =>
          withBody(request, around, `the content encoding is ${encoding}`, [400, 415], (json, headers) => ({
            body: encoding === "gzip" ? gzipSync(json) : Buffer.from(json),
            headers: [...headers, ["Content-Encoding", encoding] as const],
          })),
        ),
      ),
    ),
};

const otherContentTypes = [
  ...[
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
  ],
  ...[
    "application/json-patch+json",
    "application/problem+json",
    "application/jsonx",
    "application/*",
    "*/*",
    "json",
    "x",
  ],
  undefined,
];

const waysToBreakJson: readonly ((json: string, where: number) => string)[] = [
  (json, where) => json.slice(0, Math.floor(where * json.length)),
  (json) => `${json} ${json}`,
  (json) => `${json},`,
  (json) => `${json}\0`,
  (json) => json.replaceAll('"', "'"),
  (json) => json.replaceAll('"', ""),
  (json) => json.replace("}", ",}"),
  (json) => `/* a comment */ ${json}`,
  (json) => `)]}',\n${json}`,
  (json) => json.replace(/:"[^"]*"/, ":NaN"),
  (json) => json.replace(/:"[^"]*"/, ":undefined"),
  (json) => json.replace(/:"[^"]*"/, ":01"),
  (json) => json.replace(/:"/, ':"\t'),
  (json) => json.replace(/:"/, ':"\\x41'),
  (json, where) => inserted(json, "\0", where),
  () => "name=x&phone=1",
  () => "<xml/>",
];

/** Bytes that are no character in UTF-8. */
const noUtf8 = [
  [0xff],
  [0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xe0, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
];

function withBody(
  { body, ...request }: ValidRequest,
  around: Surroundings,
  why: string,
  statuses: readonly number[],
  parts: (json: string, headers: Wire["headers"]) => Partial<Wire>,
): WrongRequest | undefined {
  if (body === undefined) return undefined;
  const wire = rewritten({ ...request, body }, around, ({ headers }) => parts(JSON.stringify(body), headers));
  return { wire, why, statuses };
}

type Wire = WrongRequest["wire"];

/** Puts bytes at the end of one of the texts in a body. */
function withBytes(
  request: ValidRequest,
  around: Surroundings,
  bytes: readonly number[],
  where: number,
): WrongRequest | undefined {
  const json = JSON.stringify(request.body) ?? "";
  const ends = [...json.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(({ index, 0: text }) => index + text.length - 1);
  const end = ends[Math.floor(where * (ends.length - 1))];
  if (end === undefined) return undefined;
  const body = Buffer.concat([
    Buffer.from(json.slice(0, end)),
    Buffer.from(bytes),
    Buffer.from(json.slice(end)),
  ]);
  return withBody(request, around, `the body holds the bytes ${bytes.join(" ")}`, [400], () => ({ body }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
