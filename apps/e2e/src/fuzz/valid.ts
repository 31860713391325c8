import type { OperationDescription } from "@wuts/contract";
import fc from "fast-check";
import { tokenFor } from "../support/ask.ts";
import type { Described } from "../support/described.ts";
import { allowsText, canCarry, type DescribedRequest, type Input } from "./requests.ts";
import { type Json, list, type Schemas } from "./schemas.ts";
import { type BetterValues, only, preferring, valuesOf, withExamples } from "./values.ts";
import type { WireRequest } from "./wire.ts";

/** What requests are made from, besides the contract's description of them. */
export interface Surroundings {
  readonly schemas: Schemas;
  /** Of an admin. */
  readonly token: string;
  /** Of the server itself. */
  readonly masterToken: string;
  /** Of the server itself, for its metrics. */
  readonly metricsToken: string;
  /** Of callers who may do less than an admin, by their roles. */
  readonly lesserTokens: Readonly<Record<string, string>>;
  /** Largest body that the server takes for an operation, in bytes. */
  readonly bodyLimit: (operation: OperationDescription) => number;
  /** The schema of request ids that a caller may choose. */
  readonly requestId: Json;
  /** Values that the server has shown in its answers. */
  readonly better: BetterValues;
  /** What answers must be like. */
  readonly described: Described;
  /** All of the contract's. */
  readonly operations: readonly OperationDescription[];
  /** How long the server may take for what it can answer by itself. */
  readonly deadlineMs: number;
  /** Whether bodies are sent to operations that describe none. */
  readonly surplusBodies: boolean;
}

/** A request that the contract allows, before it is written down. */
export interface ValidRequest {
  readonly described: DescribedRequest;
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly QueryItem[];
  /** Those that are parameters, by their names. */
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined` for none. */
  readonly body: unknown;
  readonly writing: Writing;
}

/** Of a query. */
export type QueryItem = readonly [name: string, value: string];

/** Of several ways to write the same request, the one to take. */
export interface Writing {
  readonly percent: "what needs it" | "everything" | "as little as may be";
  readonly json: "compact" | "spaced" | "escaped" | "up to the limit";
  readonly chunked: boolean;
  readonly contentType: string;
  /** `undefined`: the header is not sent. */
  readonly accept: string | undefined;
  readonly scheme: string;
  readonly requestId: string;
  /** Sent where no body is described. It says nothing, so it changes nothing. */
  readonly surplusBody: readonly [contentType: string, text: string] | undefined;
}

/** Requests for an operation that the contract allows. */
export function validRequests(described: DescribedRequest, around: Surroundings): fc.Arbitrary<ValidRequest> {
  const requests = made.get(described) ?? makeRequests(described, around);
  made.set(described, requests);
  return requests;
}

/** The same ones whenever it is called, enough of them to show what such requests may have. */
export function someValidRequests(
  described: DescribedRequest,
  around: Surroundings,
): readonly ValidRequest[] {
  const some = shown.get(described) ?? fc.sample(validRequests(described, around), { numRuns: 60, seed: 1 });
  shown.set(described, some);
  return some;
}

/** All kinds of wrong requests are made from valid ones, which take a while to make. */
const made = new WeakMap<DescribedRequest, fc.Arbitrary<ValidRequest>>();
const shown = new WeakMap<DescribedRequest, readonly ValidRequest[]>();

function makeRequests(described: DescribedRequest, around: Surroundings): fc.Arbitrary<ValidRequest> {
  const { inputs, body, operation } = described;
  const values = fc.tuple(...inputs.map((input) => fc.tuple(textsFor(input, around), fc.boolean())));
  return fc
    .tuple(
      values,
      fc.nat(),
      bodies(body, around),
      writings(operation, around),
      fc.integer({ min: 1, max: 2 ** 30 }),
    )
    .map(([texts, one, content, writing, order]) => {
      const [needed] = rotated(operation.requiresOneOf, one);
      const given = inputs.flatMap((input, index) => {
        const [text, wanted] = texts[index] ?? ["", false];
        return wanted || input.required || input.name === needed ? [{ input, text }] : [];
      });
      const inPlace = (place: Input["in"]) =>
        given.filter(({ input }) => input.in === place).map(({ input, text }) => [input.name, text] as const);
      return {
        described,
        path: Object.fromEntries(inPlace("path")),
        query: rotated(inPlace("query"), order),
        headers: Object.fromEntries(inPlace("header")),
        body: content,
        writing,
      };
    });
}

/** Texts for a parameter, as they are before they are written into a request. */
export function textsFor(input: Input, { schemas, better }: Surroundings): fc.Arbitrary<string> {
  const shown = [...input.examples, ...list(schemas.resolve(input.schema).enum)];
  const found = better(input.name, input.schema);
  const made = fc.oneof(
    valuesOf(schemas, input.schema),
    ...(shown.length > 0 ? [fc.constantFrom(...shown)] : []),
  );
  const all = found ? preferring(made, found) : made;
  const isSendable = (text: string) =>
    text.isWellFormed() && canCarry(input, text) && allowsText(input, text, schemas);
  return only(all.map(String), isSendable, `texts for ${input.name}`);
}

function bodies(body: DescribedRequest["body"], { schemas, better }: Surroundings): fc.Arbitrary<unknown> {
  if (!body) return fc.constant(undefined);
  const made = valuesOf(schemas, body.schema, better);
  const all = withExamples(made, body.examples);
  return body.required ? all : fc.option(all, { nil: undefined });
}

function writings(
  operation: OperationDescription,
  { schemas, requestId, bodyLimit }: Surroundings,
): fc.Arbitrary<Writing> {
  return fc.record({
    percent: fc.constantFrom("what needs it", "everything", "as little as may be"),
    json: fc.oneof(
      { arbitrary: fc.constantFrom("compact", "spaced", "escaped"), weight: 9 },
      { arbitrary: fc.constant("up to the limit" as const), weight: 1 },
    ),
    chunked: fc.boolean(),
    contentType: fc.constantFrom("application/json", "Application/JSON", 'application/json; charset="utf-8"'),
    accept: fc.constantFrom(undefined, "*/*", ...acceptableTypes(operation)),
    scheme: fc.constantFrom("Bearer", "bearer", "BEARER"),
    requestId: fc.oneof(
      { arbitrary: valuesOf(schemas, requestId).map(String), weight: 4 },
      // Not an error: the server takes an id of its own then.
      {
        arbitrary: fc.constantFrom("", "a b", "a,b", "<script>", "\u00fc", "x".repeat(1_000), "../x"),
        weight: 1,
      },
    ),
    surplusBody: fc.option(fc.constantFrom(...bodiesThatSayNothing(bodyLimit(operation))), {
      nil: undefined,
      freq: 5,
    }),
  });
}

/** What the operation's successes may be. */
function acceptableTypes({ responses }: OperationDescription): string[] {
  const successes = responses.filter(({ status }) => status < 300);
  return successes.flatMap(({ contentType }) => (contentType === null ? [] : [contentType]));
}

function bodiesThatSayNothing(limit: number) {
  return [
    ["application/json", "{}"],
    ["application/json", "{"],
    ["application/json; charset=utf-16", "[]"],
    ["application/json", `"${"x".repeat(limit)}"`],
    ["text/plain", "\0"],
    ["multipart/form-data", ""],
  ] as const;
}

/** @returns the list, beginning with another element */
function rotated<T>(all: readonly T[], by: number): T[] {
  const start = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
}

/** Writes a request down. */
export function written(request: ValidRequest, around: Surroundings): WireRequest {
  const { described, writing } = request;
  const { operation } = described;
  const [contentType, body] = writtenBody(request, around);
  return {
    method: operation.method.toUpperCase(),
    target: targetOf(request),
    headers: [
      ["Host", "127.0.0.1"],
      ["X-Request-Id", writing.requestId],
      ...(writing.accept === undefined ? [] : [["Accept", writing.accept] as const]),
      ...(operation.public
        ? []
        : [["Authorization", `${writing.scheme} ${tokenFor(operation, around)}`] as const]),
      ...Object.entries(request.headers),
      ...(contentType === undefined ? [] : [["Content-Type", contentType] as const]),
    ],
    ...(body && { body, framing: writing.chunked ? "chunks" : "length" }),
  };
}

function writtenBody(
  { described, body, writing }: ValidRequest,
  { bodyLimit, surplusBodies }: Surroundings,
): [string?, Buffer?] {
  if (body !== undefined)
    return [writing.contentType, writtenJson(body, writing.json, bodyLimit(described.operation))];
  if (described.body || !surplusBodies || !writing.surplusBody) return [];
  const [contentType, text] = writing.surplusBody;
  return [contentType, Buffer.from(text)];
}

/** Path and query of a request. */
export function targetOf({ described, path, query, writing }: ValidRequest): string {
  const { operation } = described;
  const parts = operation.path.replaceAll(/\{([^}]+)\}/g, (_all, name: string) =>
    encode(path[name] ?? "", writing.percent),
  );
  const items = query.map(
    ([name, text]) => `${encode(name, writing.percent)}=${encode(text, writing.percent, true)}`,
  );
  return items.length > 0 ? `${parts}?${items.join("&")}` : parts;
}

/** Percent-encodes a text as UTF-8; of a surrogate without its other half, the three bytes that it would have. */
export function encode(text: string, percent: Writing["percent"], mayBeRaw = false): string {
  if (percent === "everything") return text.replaceAll(/./gsu, encodeBytes);
  return text.replaceAll(/[^A-Za-z0-9\-._~]/gu, (character) => {
    if (percent === "what needs it" || !mayBeRaw) return encodeBytes(character);
    if (character === " ") return "+";
    // The other reserved characters have a meaning in any query.
    return ":/?@!$'()*,;".includes(character) ? character : encodeBytes(character);
  });
}

function encodeBytes(character: string): string {
  const code = character.charCodeAt(0);
  const bytes = character.isWellFormed()
    ? Buffer.from(character)
    : Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
  return bytes.toString("hex").replaceAll(/../g, "%$&");
}

/** @returns the JSON as UTF-8; compact where another way of writing it would pass the limit */
function writtenJson(value: unknown, style: Writing["json"], limit: number): Buffer {
  const compact = JSON.stringify(value);
  const styled = Buffer.from(styledJson(value, compact, style, limit));
  return styled.length > limit ? Buffer.from(compact) : styled;
}

function styledJson(value: unknown, compact: string, style: Writing["json"], limit: number): string {
  switch (style) {
    case "compact":
      return compact;
    case "spaced":
      return `\r\n\t ${JSON.stringify(value, null, "\t ")} \n`;
    case "escaped":
      return compact.replaceAll(/"(?:[^"\\]|\\.)*"/g, (text) => `"${escapedUnits(JSON.parse(text))}"`);
    case "up to the limit":
      return compact + " ".repeat(Math.max(0, limit - Buffer.byteLength(compact)));
  }
}

/** @returns every character as `\uXXXX` */
function escapedUnits(text: string): string {
  return text
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
